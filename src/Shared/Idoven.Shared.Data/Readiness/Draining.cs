namespace Idoven.Shared.Data.Readiness;

/// <summary>
/// Records whether the host is about to stop. It starts to drain before its listener closes, so that load balancers send new requests
/// elsewhere.
/// </summary>
public sealed class Draining : IDisposable
{
    private readonly CancellationTokenSource started = new();

    /// <summary>Gets a token that is canceled when the drain starts. Requests that only wait for something end then.</summary>
    public CancellationToken Started => started.Token;

    /// <summary>Gets whether the drain has started.</summary>
    public bool IsStarted => started.IsCancellationRequested;

    public void Dispose() => started.Dispose();

    internal void Start() => started.Cancel();
}
