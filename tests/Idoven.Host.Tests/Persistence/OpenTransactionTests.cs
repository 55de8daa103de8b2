using Idoven.Host.Tests.Parts;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Host.Tests.Persistence;

/// <summary>Tests that a transaction that was handed to a store cannot be used after its end.</summary>
public sealed class OpenTransactionTests(RunningParts parts)
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task Transaction_cannot_be_used_after_its_commit_or_rollback(bool isCommitted)
    {
        await using var db = new DbContext(
            new DbContextOptionsBuilder<DbContext>().UseNpgsql(parts.Settings.ConnectionString("identity")).Options);
        var transactions = new ModuleTransaction<DbContext>(db);
        var ct = TestContext.Current.CancellationToken;
        var transaction = await transactions.Begin(ct);
        Assert.Same(transaction, await transactions.Begin(ct));
        transaction.ThrowIfEnded();

        await (isCommitted ? transactions.Commit(ct) : transactions.RollBack());

        Assert.Throws<InvalidOperationException>(transaction.ThrowIfEnded);
        Assert.NotSame(transaction, await transactions.Begin(ct));
    }

    [Fact]
    public async Task Transaction_cannot_be_used_after_a_failed_save()
    {
        await using var db = new DbContext(
            new DbContextOptionsBuilder<DbContext>().UseNpgsql(parts.Settings.ConnectionString("identity")).Options);
        var transactions = new ModuleTransaction<DbContext>(db);
        var transaction = await transactions.Begin(TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<InvalidDataException>(
            () => transactions.Commit(() => throw new InvalidDataException(), TestContext.Current.CancellationToken));

        Assert.Throws<InvalidOperationException>(transaction.ThrowIfEnded);
        Assert.Null(db.Database.CurrentTransaction);
    }
}
