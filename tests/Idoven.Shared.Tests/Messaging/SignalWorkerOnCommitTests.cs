using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Idoven.Shared.Tests.Messaging;

public sealed class SignalWorkerOnCommitTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private readonly ModuleMessaging<ThingsDb> module = new("things", new MessageContracts());
    private readonly SignalWorkerOnCommit<ThingsDb> interceptor;

    public SignalWorkerOnCommitTests() => interceptor = new(module);

    public void Dispose() => module.Dispose();

    [Fact]
    public async Task The_worker_is_woken_when_its_module_has_saved()
    {
        await using var db = new ThingsDb();
        var waiting = Wait();
        Assert.False(waiting.IsCompleted);

        await interceptor.SavedChangesAsync(Saved(db), 1, TestContext.Current.CancellationToken);

        Assert.True(await waiting);
    }

    [Fact]
    public async Task The_worker_is_woken_when_a_transaction_of_its_module_has_committed()
    {
        await using var db = new ThingsDb();
        var waiting = Wait();
        var committed = new TransactionEndEventData(null!, (_, _) => "", null!, db, Guid.Empty, Guid.Empty, true, default, default);

        await interceptor.TransactionCommittedAsync(null!, committed, TestContext.Current.CancellationToken);

        Assert.True(await waiting);
    }

    [Fact]
    public async Task The_worker_is_not_woken_by_another_module()
    {
        await using var db = new OtherDb();
        var waiting = Wait();

        await interceptor.SavedChangesAsync(Saved(db), 1, TestContext.Current.CancellationToken);

        Assert.False(waiting.IsCompleted);
    }

    private static SaveChangesCompletedEventData Saved(DbContext db) => new(null!, (_, _) => "", db, entitiesSavedCount: 1);

    private Task<bool> Wait() => module.Wait(Long, TestContext.Current.CancellationToken);

    private sealed class ThingsDb : DbContext;

    private sealed class OtherDb : DbContext;
}
