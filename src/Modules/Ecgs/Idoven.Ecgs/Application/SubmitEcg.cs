using System.Diagnostics;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web.Idempotency;

namespace Idoven.Ecgs.Application;

/// <param name="Key">The idempotency key of the request; null if it has none.</param>
internal sealed record SubmitEcg(string OwnerId, Recording Recording, IReadOnlyList<SignalBlock> Blocks, RequestKey? Key = null);

internal sealed class SubmitEcgHandler(IEcgs ecgs, ISignals signals, ICurrentAccess access, TimeProvider clock)
{
    /// <returns>The ECG, or the one that an earlier request with the same key stored; null if that one was deleted.</returns>
    /// <exception cref="OwnerErasedException">The owner was erased.</exception>
    /// <exception cref="RequestKeyReusedException">The request's key belongs to another body.</exception>
    public async Task<Ecg?> Handle(SubmitEcg command, CancellationToken ct)
    {
        var ecg = Ecg.Submit(command.OwnerId, command.Recording, clock.GetUtcNow(), Activity.Current?.Id);
        if (command.Key is { } key && await ecgs.Claim(key, ecg, ct) is { } earlier)
        {
            var stored = await ecgs.Find(earlier, command.OwnerId, ct);
            if (stored is not null)
            {
                access.SetEcg(stored.Id, stored.OwnerId);
            }

            return stored;
        }

        ecgs.Add(ecg);
        signals.Add(ecg.Id, command.Blocks);
        ecgs.Add(access.CreateRow(AccessActions.Upload, ecg.Id, ecg.OwnerId));

        // One transaction for the ECG, its signals and its entry in the access log. The ECG waits in the database until the leader sends it
        // to the analysis queue.
        await ecgs.Save(ct);
        return ecg;
    }
}
