using System.Runtime.InteropServices;
using Idoven.Shared.Data.Readiness;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Idoven.Host.Readiness;

/// <summary>
/// Delays the stop of all services of the host, including the listener, until the drain has ended. Background services go on running.
/// </summary>
/// <param name="drain">The duration of the drain. A second SIGTERM or SIGINT ends it at once.</param>
internal sealed class DrainBeforeStop(TimeSpan drain, Draining draining, TimeProvider clock, ILogger<DrainBeforeStop> logger)
    : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        draining.Start();
        if (drain == TimeSpan.Zero)
        {
            return;
        }

        logger.LogInformation(
            "Stopping: requests are accepted for another {Seconds:0.#} s while /health/ready returns 503", drain.TotalSeconds);
        using var skip = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Skip);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Skip);
        await Task.Delay(drain, clock, skip.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        void Skip(PosixSignalContext signal)
        {
            signal.Cancel = true;
            skip.Cancel();
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
