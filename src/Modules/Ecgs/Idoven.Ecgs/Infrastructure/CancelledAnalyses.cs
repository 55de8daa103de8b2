using Idoven.Ecgs.Application.Processing;
using Microsoft.Extensions.Hosting;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Delays the stop of a host until the analyses that it cancelled have ended, so that a redelivered one can undo its attempt. The delay is
/// at most five seconds.
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
            // The attempt stays counted, as if the process had been killed.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
