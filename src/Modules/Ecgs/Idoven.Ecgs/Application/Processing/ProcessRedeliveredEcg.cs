using Idoven.Shared.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Idoven.Ecgs.Application.Processing;

/// <summary>The attempt that one redelivery is, over all tries to handle it.</summary>
internal sealed class RedeliveredAttempt
{
    /// <summary>Gets or sets the ECG's attempts with this one, while it is counted; null before and after.</summary>
    public int? Counted { get; set; }
}

/// <summary>
/// Analyses an ECG whose message was delivered before: an earlier host may have ended because of it. No other analysis runs beside it in
/// this host, and the attempt is counted before it begins. If the process ends, the attempt stays counted; in every other case it is taken
/// back, and a failure counts the usual way.
/// </summary>
internal sealed class ProcessRedeliveredEcgHandler(
    ProcessEcgHandler processing,
    AnalysisGate gate,
    IServiceScopeFactory scopes,
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

    /// <summary>Also while the host stops, which has cancelled the handling.</summary>
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
            // It stays counted, so the next try of this delivery must not add another attempt.
            logger.LogWarning(e, "An attempt to analyse an ECG could not be taken back");
        }
    }

    private async Task<int?> InOwnTransaction(Func<RecordAttemptHandler, Task<int?>> record)
    {
        await using var scope = scopes.CreateBackgroundScope();
        return await record(scope.ServiceProvider.GetRequiredService<RecordAttemptHandler>());
    }
}
