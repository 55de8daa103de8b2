using System.Data.Common;
using Idoven.Shared.Messaging.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Idoven.Shared.Messaging.Outbox;

/// <summary>Wakes the module's worker when its DbContext has committed, so that a message leaves within milliseconds.</summary>
internal sealed class SignalWorkerOnCommit<TDb>(ModuleMessaging<TDb> module) : DbTransactionInterceptor, ISaveChangesInterceptor
    where TDb : DbContext
{
    public override Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        SignalFor(eventData.Context);
        return Task.CompletedTask;
    }

    public ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        SignalFor(eventData.Context);
        return ValueTask.FromResult(result);
    }

    private void SignalFor(DbContext? context)
    {
        if (context is TDb)
        {
            module.Signal();
        }
    }
}
