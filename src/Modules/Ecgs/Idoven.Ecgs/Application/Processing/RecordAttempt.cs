using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Application.Processing;

/// <summary>
/// Counts an attempt of an analysis before it begins, in its own transaction. An ECG that ends the process thereby fails after its last
/// attempt, although no failure is reported.
/// </summary>
internal sealed class RecordAttemptHandler(
    IEcgs ecgs, IEcgsOutbox outbox, EcgMetrics metrics, TimeProvider clock)
{
    /// <returns>
    /// The number of attempts with this one; null if there is nothing to analyse, because the ECG was deleted, was processed or has failed
    /// now.
    /// </returns>
    public async Task<int?> Handle(Guid ecgId, CancellationToken ct)
    {
        if (await ecgs.Lock(ecgId, ct) is not { Status: EcgStatus.Queued } ecg)
        {
            return null;
        }

        if (ecg.IsNextAttemptLast)
        {
            var now = clock.GetUtcNow();
            ecg.FailAttempt(RecordEcgFailureHandler.AnalysisFailed, isHopeless: true, retryAfter: [], now);
            outbox.Add(new EcgFailed(ecg.Id, ecg.OwnerId, ecg.Date, now, RecordEcgFailureHandler.AnalysisFailed), ecg.Id);
            await ecgs.Save(ct);
            metrics.Failed();
            return null;
        }

        ecg.StartAttempt();
        await ecgs.Save(ct);
        return ecg.Attempts;
    }

    /// <summary>Undoes the attempt, unless the ECG was changed since.</summary>
    /// <param name="ecgId">The ECG.</param>
    /// <param name="attempts">The number that <see cref="Handle"/> returned.</param>
    /// <param name="ct">Cancels the operation.</param>
    public async Task Undo(Guid ecgId, int attempts, CancellationToken ct)
    {
        if (await ecgs.Lock(ecgId, ct) is { Status: EcgStatus.Queued } ecg && ecg.Attempts == attempts)
        {
            ecg.ClearAttempt();
            await ecgs.Save(ct);
        }
    }
}
