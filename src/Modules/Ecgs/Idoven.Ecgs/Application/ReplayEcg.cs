using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Application;

/// <summary>A failed ECG is submitted to the analysis once more, with its attempts forgotten.</summary>
internal sealed class ReplayEcgHandler(IEcgs ecgs, [FromKeyedServices(EcgsModule.Name)] IOutbox outbox, EcgsOptions options, TimeProvider clock)
{
    /// <returns>False where there is no failed ECG of this id.</returns>
    public async Task<bool> Handle(Guid ecgId, CancellationToken ct)
    {
        if (await ecgs.Lock(ecgId, ct) is not { Status: EcgStatus.Failed } ecg)
        {
            return false;
        }

        ecg.Requeued(clock.GetUtcNow(), options.SafetyNet);
        outbox.Add(new EcgSubmitted(ecg.Id), ecg.Id);
        await ecgs.Save(ct);
        return true;
    }
}
