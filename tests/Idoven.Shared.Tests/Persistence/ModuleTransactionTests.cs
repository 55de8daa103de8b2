using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Idoven.Shared.Tests.Persistence;

public sealed class ModuleTransactionTests
{
    private static readonly CancellationToken Ct = CancellationToken.None;
    private readonly List<string> calls = [];

    [Fact]
    public async Task Begin_opens_one_transaction_however_often_it_is_called()
    {
        await using var db = CreateContext();
        var transaction = new ModuleTransaction<DbContext>(db);
        await transaction.Begin(Ct);
        await transaction.Begin(Ct);
        Assert.Equal(["begin"], calls);
    }

    [Fact]
    public async Task Commit_runs_the_last_work_in_the_open_transaction()
    {
        await using var db = CreateContext();
        var transaction = new ModuleTransaction<DbContext>(db);
        await transaction.Begin(Ct);
        await transaction.Commit(Work, Ct);
        Assert.Equal(["begin", "work", "commit", "dispose"], calls);
    }

    [Fact]
    public async Task Commit_without_an_open_transaction_begins_one()
    {
        await using var db = CreateContext();
        await new ModuleTransaction<DbContext>(db).Commit(Ct);
        Assert.Equal(["begin", "commit", "dispose"], calls);
    }

    [Fact]
    public async Task A_failed_save_rolls_back_and_the_next_lock_begins_another_transaction()
    {
        await using var db = CreateContext();
        var transaction = new ModuleTransaction<DbContext>(db);
        await Assert.ThrowsAsync<TimeoutException>(() => transaction.Commit(() => throw new TimeoutException(), Ct));
        await transaction.Begin(Ct);
        Assert.Equal(["begin", "dispose", "begin"], calls);
    }

    [Fact]
    public async Task After_a_commit_the_next_lock_begins_another_transaction()
    {
        await using var db = CreateContext();
        var transaction = new ModuleTransaction<DbContext>(db);
        await transaction.Commit(Ct);
        await transaction.Begin(Ct);
        Assert.Equal(["begin", "commit", "dispose", "begin"], calls);
    }

    [Fact]
    public async Task RollBack_ends_an_open_transaction_without_a_commit()
    {
        await using var db = CreateContext();
        var transaction = new ModuleTransaction<DbContext>(db);
        await transaction.RollBack();
        await transaction.Begin(Ct);
        await transaction.RollBack();
        await transaction.RollBack();
        Assert.Equal(["begin", "dispose"], calls);
    }

    private Task Work()
    {
        calls.Add("work");
        return Task.CompletedTask;
    }

    /// <summary>Creates a context that records its transactions instead of opening a connection.</summary>
    private DbContext CreateContext()
    {
        Recorder.Calls.Value = calls;
        var options = new DbContextOptionsBuilder().UseNpgsql("Host=localhost").ReplaceService<IDbContextTransactionManager, Recorder>();
        return new DbContext(options.Options);
    }

    /// <summary>Records the calls to transactions in the list of the running test.</summary>
    private sealed class Recorder : IDbContextTransactionManager, IDbContextTransaction
    {
        public static readonly AsyncLocal<List<string>> Calls = new();

        public IDbContextTransaction? CurrentTransaction => null;

        public Guid TransactionId => Guid.Empty;

        public Task<IDbContextTransaction> BeginTransactionAsync(CancellationToken cancellationToken = default)
        {
            Calls.Value!.Add("begin");
            return Task.FromResult<IDbContextTransaction>(this);
        }

        public Task CommitAsync(CancellationToken cancellationToken = default)
        {
            Calls.Value!.Add("commit");
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            Calls.Value!.Add("dispose");
            return ValueTask.CompletedTask;
        }

        public void Dispose()
        {
            // The context disposes its services; transactions are disposed by DisposeAsync.
        }

        public void ResetState()
        {
        }

        public Task ResetStateAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public IDbContextTransaction BeginTransaction() => throw new NotSupportedException();

        public void Commit() => throw new NotSupportedException();

        public void CommitTransaction() => throw new NotSupportedException();

        public Task CommitTransactionAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Rollback() => throw new NotSupportedException();

        public Task RollbackAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void RollbackTransaction() => throw new NotSupportedException();

        public Task RollbackTransactionAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
