using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Application;

internal sealed record SubmitEcg(string OwnerId, Recording Recording, IReadOnlyList<SignalBlock> Blocks);

internal sealed class SubmitEcgHandler(IEcgs ecgs, ISignals signals, [FromKeyedServices(EcgsModule.Name)] IOutbox outbox, EcgsOptions options, TimeProvider clock)
{
    /// <exception cref="OwnerErasedException">The owner was erased.</exception>
    public async Task<Ecg> Handle(SubmitEcg command, CancellationToken ct)
    {
        var ecg = Ecg.Submit(command.OwnerId, command.Recording, clock.GetUtcNow(), options.SafetyNet);
        ecgs.Add(ecg);
        signals.Add(ecg.Id, command.Blocks);
        outbox.Add(new EcgSubmitted(ecg.Id), ecg.Id);

        // One transaction: the ECG, its signals and its message, or nothing.
        await ecgs.Save(ct);
        return ecg;
    }
}
