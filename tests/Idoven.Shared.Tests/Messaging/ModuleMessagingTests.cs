using Idoven.Shared.Messaging.Messages;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Tests.Messaging;

public sealed class ModuleMessagingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Signals_before_the_wait_are_not_lost_and_are_merged_into_one()
    {
        using var module = new ModuleMessaging<DbContext>("things", new MessageContracts());
        module.Signal();
        module.Signal();

        var first = module.Wait(Long, TestContext.Current.CancellationToken);
        Assert.True(first.IsCompletedSuccessfully);
        await first;
        var second = module.Wait(Long, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);

        module.Signal();
        await second;
    }
}
