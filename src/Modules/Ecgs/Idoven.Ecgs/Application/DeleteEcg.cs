using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Application;

internal sealed class DeleteEcgHandler(
    IEcgs ecgs, ICurrentAccess access, IEcgsOutbox outbox, TimeProvider clock)
{
    /// <returns>False if the owner has no such ECG.</returns>
    public async Task<bool> Handle(Guid id, string ownerId, CancellationToken ct)
    {
        var ecg = await ecgs.Lock(id, ownerId, ct);
        if (ecg is null)
        {
            return false;
        }

        access.SetEcg(ecg.Id, ecg.OwnerId);
        ecgs.Remove(ecg);
        ecgs.Add(access.CreateRow(AccessActions.Delete, ecg.Id, ecg.OwnerId));
        outbox.Add(new EcgDeleted(ecg.Id, ecg.OwnerId, clock.GetUtcNow()), ecg.Id);
        await ecgs.Save(ct);
        return true;
    }
}
