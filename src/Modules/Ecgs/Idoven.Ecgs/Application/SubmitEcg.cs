using System.Diagnostics;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web.Idempotency;

namespace Idoven.Ecgs.Application;

/// <param name="Key">The request's key, where the client gave one: repeated, it stores nothing a second time.</param>
internal sealed record SubmitEcg(string OwnerId, Recording Recording, IReadOnlyList<SignalBlock> Blocks, RequestKey? Key = null);

internal sealed class SubmitEcgHandler(IEcgs ecgs, ISignals signals, ICurrentAccess access, TimeProvider clock)
{
    /// <returns>The ECG, or the one that the same request has stored before; null where that one was deleted since.</returns>
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
                access.Reach(stored.Id, stored.OwnerId);
            }

            return stored;
        }

        ecgs.Add(ecg);
        signals.Add(ecg.Id, command.Blocks);
        ecgs.Add(access.Store(AccessActions.Upload, ecg.Id, ecg.OwnerId));

        // One transaction: the ECG, its signals and its entry in the access log, or nothing. The ECG waits in the database until the leader
        // sends it to the analysis queue.
        await ecgs.Save(ct);
        return ecg;
    }
}
