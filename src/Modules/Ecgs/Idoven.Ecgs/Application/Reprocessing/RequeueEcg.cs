using System.Diagnostics;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Application.Reprocessing;

/// <summary>
/// Makes a locked ECG due for the analysis again and records that in the access log, in one transaction. It is the only way to requeue an
/// ECG; <c>DispatchEcgsJob</c> sends what is due to the analysis queue.
/// </summary>
internal sealed class RequeueEcgHandler(IEcgs ecgs, ICurrentAccess access, TimeProvider clock)
{
    /// <summary>Requeues a failed ECG for an operator, in front of all ECGs to be reprocessed.</summary>
    public Task Replay(Ecg ecg, CancellationToken ct) => Requeue(ecg, isReprocessing: false, AccessActions.Replay, ct);

    /// <summary>Requeues an ECG for the current engine, behind all uploads.</summary>
    public Task Reprocess(Ecg ecg, CancellationToken ct) => Requeue(ecg, isReprocessing: true, AccessActions.Reprocess, ct);

    private async Task Requeue(Ecg ecg, bool isReprocessing, string action, CancellationToken ct)
    {
        ecg.Requeue(clock.GetUtcNow(), await ecgs.CountSamples(ecg.Id, ct), isReprocessing, Activity.Current?.Id);
        ecgs.Add(access.CreateRow(action, ecg.Id, ecg.OwnerId));
        await ecgs.Save(ct);
    }
}
