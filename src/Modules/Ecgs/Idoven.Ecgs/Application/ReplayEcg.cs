using System.Diagnostics;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Application;

/// <summary>A failed ECG waits for the analysis again, with no attempts counted, as if it had just been uploaded.</summary>
internal sealed class ReplayEcgHandler(IEcgs ecgs, ICurrentAccess access, TimeProvider clock)
{
    /// <returns>False where there is no failed ECG of this id.</returns>
    public async Task<bool> Handle(Guid ecgId, CancellationToken ct)
    {
        if (await ecgs.Lock(ecgId, ct) is not { Status: EcgStatus.Failed } ecg)
        {
            return false;
        }

        ecg.Requeue(clock.GetUtcNow(), await ecgs.CountSamples(ecgId, ct), isReprocessing: false, Activity.Current?.Id);
        ecgs.Add(access.Store(AccessActions.Replay, ecg.Id, ecg.OwnerId));
        await ecgs.Save(ct);
        return true;
    }
}
