using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Application.Reprocessing;

/// <summary>Requeues a failed ECG for an operator, as if it had just been uploaded.</summary>
internal sealed class ReplayEcgHandler(IEcgs ecgs, RequeueEcgHandler requeuing)
{
    /// <returns>False if there is no failed ECG with this id.</returns>
    public async Task<bool> Handle(Guid ecgId, CancellationToken ct)
    {
        if (await ecgs.Lock(ecgId, ct) is not { Status: EcgStatus.Failed } ecg)
        {
            return false;
        }

        await requeuing.Replay(ecg, ct);
        return true;
    }
}
