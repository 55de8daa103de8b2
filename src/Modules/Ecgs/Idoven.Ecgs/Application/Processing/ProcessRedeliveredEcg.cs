using Idoven.Shared.Data;
using Microsoft.Extensions.Logging;

namespace Idoven.Ecgs.Application.Processing;

/// <summary>Represents the attempt of one redelivery, over all tries to handle it.</summary>
internal sealed class RedeliveredAttempt
{
    /// <summary>Gets or sets the ECG's attempts with this one, while it is counted; null before and after.</summary>
    public int? Counted { get; set; }
}

/// <summary>
/// Analyses an ECG whose message was delivered before, because it may have ended an earlier host. No other analysis runs on this host at
/// the same time, and the attempt is counted before it begins. If the process ends, the attempt stays counted; otherwise it is undone, and
/// a failure is counted in the usual way.
/// </summary>
internal sealed class ProcessRedeliveredEcgHandler(
    ProcessEcgHandler processing,
    AnalysisGate gate,
    BackgroundWork background,
    TimeProvider clock,
    ILogger<ProcessRedeliveredEcgHandler> logger)
{
    private static readonly TimeSpan UndoWithin = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="ProcessEcgHandler.Handle(Guid, CancellationToken)"/>
    public async Task Handle(Guid ecgId, RedeliveredAttempt attempt, CancellationToken ct)
    {
        using var alone = await gate.EnterAlone(ct);
        attempt.Counted ??= await InOwnTransaction(attempts => attempts.Handle(ecgId, ct));
        if (attempt.Counted is not { } counted)
        {
            return;
        }

        try
        {
            await processing.Handle(ecgId, isAttemptCounted: true, ct);
        }
        catch
        {
            await Undo(ecgId, counted, attempt);
            throw;
        }
    }

    /// <summary>Undoes the attempt, also if the handling was cancelled because the host stops.</summary>
    private async Task Undo(Guid ecgId, int counted, RedeliveredAttempt attempt)
    {
        try
        {
            using var deadline = new CancellationTokenSource(UndoWithin, clock);
            await InOwnTransaction(async attempts =>
            {
                await attempts.Undo(ecgId, counted, deadline.Token);
                return (int?)null;
            });
            attempt.Counted = null;
        }
        catch (Exception e)
        {
            // The attempt stays counted, so the next try of this delivery must not count another one.
            logger.LogWarning(e, "The count of attempts to analyse an ECG could not be decreased");
        }
    }

    private Task<int?> InOwnTransaction(Func<RecordAttemptHandler, Task<int?>> record) => background.Run(record);
}
