namespace Idoven.Shared.Messaging.Transport;

/// <summary>
/// Limits how long a caller waits for the broker. On a blocked or silent connection the client library itself waits for 20 s and more.
/// </summary>
internal static class BrokerCall
{
    /// <summary>The longest wait for a response of the broker.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Runs a call to the broker. After the limit the call is canceled and no longer waited for.</summary>
    /// <exception cref="TimeoutException">The broker did not respond within <see cref="Limit"/>.</exception>
    public static async Task<T> Run<T>(Func<CancellationToken, Task<T>> call, TimeProvider clock, CancellationToken ct)
    {
        using var canceled = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            return await call(canceled.Token).WaitAsync(Limit, clock, ct);
        }
        catch (TimeoutException)
        {
            await canceled.CancelAsync();
            throw;
        }
    }
}
