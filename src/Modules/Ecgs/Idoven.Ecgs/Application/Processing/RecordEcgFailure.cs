using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Application.Processing;

/// <summary>Records a failed attempt: the analysis is tried again later, or the ECG fails with a reason and an event.</summary>
internal sealed class RecordEcgFailureHandler(
    IEcgs ecgs, IEcgsOutbox outbox, EcgsOptions options, EcgMetrics metrics, TimeProvider clock)
{
    public const string SignalUnreadable = "signal-unreadable";
    public const string AnalysisFailed = "analysis-failed";

    public async Task Handle(Guid ecgId, Exception exception, CancellationToken ct)
    {
        var ecg = await ecgs.Lock(ecgId, ct);
        if (ecg is not { Status: EcgStatus.Queued })
        {
            return;
        }

        // A signal that cannot be decoded now cannot be decoded later.
        var isHopeless = exception is InvalidDataException;
        var now = clock.GetUtcNow();
        ecg.FailAttempt(isHopeless ? SignalUnreadable : AnalysisFailed, isHopeless, options.Waits, now);
        if (ecg is { Status: EcgStatus.Failed, FailureReason: { } reason })
        {
            outbox.Add(new EcgFailed(ecg.Id, ecg.OwnerId, ecg.Date, now, reason), ecg.Id);
        }

        await ecgs.Save(ct);
        if (ecg.Status == EcgStatus.Failed)
        {
            metrics.Failed();
        }
    }
}
