using Idoven.Ecgs.Application.Processing;
using Microsoft.Extensions.Hosting;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Keeps a host that stops until the analyses that its stop cancelled have ended, so that a redelivered one has taken its attempt back. One
/// that does not react to the cancellation is not waited for longer than five seconds.
/// </summary>
internal sealed class CancelledAnalyses(AnalysisGate gate, TimeProvider clock) : IHostedLifecycleService
{
    private static readonly TimeSpan WaitAtMost = TimeSpan.FromSeconds(5);

    /// <summary>Called after the consumers have stopped.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(WaitAtMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            (await gate.EnterAlone(either.Token)).Dispose();
        }
        catch (OperationCanceledException)
        {
            // Its attempt stays counted, as if the host had been ended.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
