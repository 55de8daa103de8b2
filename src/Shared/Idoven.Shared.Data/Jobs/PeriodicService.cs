using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Data.Jobs;

/// <summary>
/// Represents work that is repeated while the host runs. A run that fails never ends the host: the failure is logged at most once a minute,
/// and the next run follows after the period.
/// </summary>
/// <param name="name">The job's name in the log, such as "message gauges of ecgs".</param>
/// <param name="period">The time between the starts of two runs. A run that takes longer is followed by the next one at once.</param>
/// <param name="clock">The clock of the period and of the log limit.</param>
/// <param name="logger">The log for failed runs.</param>
public abstract class PeriodicService(string name, TimeSpan period, TimeProvider clock, ILogger logger) : BackgroundService
{
    private readonly ThrottledLog failures = new(clock);

    /// <summary>Gets what a failed run means for the service, for the log. Empty if nothing is to be added.</summary>
    protected virtual string Effect => "";

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, clock);
        do
        {
            try
            {
                await RunOnce(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                ReportFailure(e);
            }
        }
        while (await WaitForNextRun(timer, stoppingToken));
    }

    /// <summary>Runs the job once.</summary>
    /// <param name="stoppingToken">Canceled when the host stops.</param>
    protected abstract Task RunOnce(CancellationToken stoppingToken);

    /// <summary>Called after a failed run, for example to stop reporting a value that is no longer known. Does not throw.</summary>
    protected virtual void OnFailure()
    {
    }

    private static async Task<bool> WaitForNextRun(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void ReportFailure(Exception e)
    {
        if (failures.TryEnter())
        {
            // The stack trace of an unavailable database or broker does not help an operator.
            var isUnavailable = DatabaseUnavailable.Is(e) || e is IOException or SocketException or TimeoutException;
            logger.LogWarning(
                isUnavailable ? null : e, "Background job failed: {Job}. It runs again every {Seconds} s. {Error} {Effect}",
                name, period.TotalSeconds, e.Message, Effect);
        }

        OnFailure();
    }
}
