using Idoven.Shared.Messaging.Consumers;
using Idoven.Shared.Messaging.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Idoven.Shared.Tests.Messaging;

public sealed class InboxTests
{
    [Fact]
    public void The_row_of_a_delivery_is_taken_only_once()
    {
        var inbox = new Inbox(TimeProvider.System);
        Assert.Null(inbox.TakePending());

        var message = Guid.NewGuid();
        inbox.StartDelivery(message, "queue");
        var row = inbox.TakePending();
        Assert.Equal((message, "queue"), (row?.MessageId, row?.Consumer));
        Assert.Null(inbox.TakePending());
    }

    [Theory]
    [InlineData("23505", "pk_inbox", true)]
    [InlineData("23505", "ix_users_normalized_username", false)]
    [InlineData("23503", "pk_inbox", false)]
    public void Only_a_violation_of_the_inbox_key_is_a_duplicate(string state, string constraint, bool isDuplicate)
    {
        var refused = new PostgresException("", "ERROR", "ERROR", state, constraintName: constraint);
        Assert.Equal(isDuplicate, Inbox.IsDuplicate(new DbUpdateException("", refused)));
        Assert.False(Inbox.IsDuplicate(refused));
    }
}
