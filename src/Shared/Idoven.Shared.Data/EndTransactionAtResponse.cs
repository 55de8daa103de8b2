using System.Data.Common;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Idoven.Shared.Data;

/// <summary>
/// Rolls back a transaction of a request that is still open when the response starts, for example if a row was locked and not changed.
/// Otherwise it would hold its connection until the client has read the response.
/// </summary>
internal sealed class EndTransactionAtResponse(IHttpContextAccessor requests, PoolUse pool) : DbTransactionInterceptor, IDisposable
{
    private bool isScopeEnded;

    /// <summary>Called when the scope ends, which has disposed the DbContext and its transaction by then.</summary>
    public void Dispose() => isScopeEnded = true;

    public override ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        if (!pool.IsBackground && requests.HttpContext?.Response is { HasStarted: false } response)
        {
            response.OnStarting(() => isScopeEnded
                ? Task.CompletedTask
                : eventData.Context?.Database.CurrentTransaction?.DisposeAsync().AsTask() ?? Task.CompletedTask);
        }

        return ValueTask.FromResult(result);
    }
}
