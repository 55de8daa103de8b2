using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Messaging.Consumers;

/// <summary>
/// Closed while a module's database accepts no writes. A delivery waits at the closed gate, unacknowledged and without using up an attempt;
/// if the gate stays closed, the module's bus is stopped and the messages wait in their queues.
/// </summary>
/// <remarks>
/// A database that rejects statements is noticed at once; one that does not answer is noticed only after a timeout, for which the
/// deliveries have waited already. Then the bus is stopped at once, so that another host gets them, and the gate stays closed for
/// <see cref="AfterSilence"/>: a connection that forwards only some bytes can let a small write succeed and all deliveries fail.
/// </remarks>
internal class ConsumerGate(string module, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan StopAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterSilence = TimeSpan.FromSeconds(5);
    private readonly Lock sync = new();
    private TaskCompletionSource opened = Opened();
    private long closedAt;
    private bool isSilent;
    private readonly ThrottledLog closings = new(clock);

    /// <summary>Gets whether deliveries are handled.</summary>
    public bool IsOpen
    {
        get
        {
            lock (sync)
            {
                return opened.Task.IsCompleted;
            }
        }
    }

    /// <summary>
    /// Gets whether waiting deliveries must return to their queues, which counts as one delivery of each: the gate has been closed for five
    /// seconds, or the database did not answer.
    /// </summary>
    public bool StopsDeliveries
    {
        get
        {
            lock (sync)
            {
                return !opened.Task.IsCompleted && (isSilent || clock.GetElapsedTime(closedAt) >= StopAfter);
            }
        }
    }

    /// <summary>Closes the gate. Has no effect if it is closed.</summary>
    /// <param name="reason">An exception that <see cref="DatabaseUnavailable.Is"/> recognizes.</param>
    public void Close(Exception reason)
    {
        lock (sync)
        {
            if (!opened.Task.IsCompleted)
            {
                return;
            }

            opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            closedAt = clock.GetTimestamp();
            isSilent = reason.GetBaseException() is TimeoutException;
        }

        if (closings.TryEnter())
        {
            logger.LogWarning(
                "The database of {Module} accepts no writes: its messages wait. {Error}", module, reason.GetBaseException().Message);
        }
    }

    /// <summary>
    /// Opens the gate, after a write was committed. Has no effect if it is open, or in the first seconds after the database did not answer.
    /// </summary>
    public void Open()
    {
        lock (sync)
        {
            if (!isSilent || clock.GetElapsedTime(closedAt) >= AfterSilence)
            {
                opened.TrySetResult();
            }
        }
    }

    /// <summary>Returns when the gate is open.</summary>
    /// <exception cref="OperationCanceledException">The token was canceled first.</exception>
    public Task WaitUntilOpen(CancellationToken ct)
    {
        lock (sync)
        {
            return opened.Task.WaitAsync(ct);
        }
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        open.SetResult();
        return open;
    }
}

/// <summary>The gate of the consumers of one module.</summary>
internal sealed class ConsumerGate<TDb>(ModuleDatabase<TDb> database, TimeProvider clock, ILogger<ConsumerGate<TDb>> logger)
    : ConsumerGate(database.Schema, clock, logger)
    where TDb : DbContext;
