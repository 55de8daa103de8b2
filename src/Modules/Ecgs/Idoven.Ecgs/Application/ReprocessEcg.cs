using Idoven.Ecgs.Analysis;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Application;

/// <summary>What became of the wish.</summary>
internal enum Reprocessing
{
    /// <summary>There is no such ECG.</summary>
    NotFound,

    /// <summary>It was submitted to the analysis, or was already.</summary>
    Queued,

    /// <summary>The engine of today has analysed it completely: the same again would come out.</summary>
    Current,
}

/// <summary>An ECG is submitted to the engine of today; its earlier insights stay readable.</summary>
internal sealed class ReprocessEcgHandler(IEcgs ecgs, [FromKeyedServices(EcgsModule.Name)] IOutbox outbox, EcgsOptions options, TimeProvider clock)
{
    /// <param name="ownerId">Whose it must be; null for an operator, who answers nobody with it.</param>
    public async Task<Reprocessing> Handle(Guid id, string? ownerId, CancellationToken ct)
    {
        var ecg = ownerId is null ? await ecgs.Lock(id, ct) : await ecgs.Lock(id, ownerId, ct);
        if (ecg is null)
        {
            return Reprocessing.NotFound;
        }

        if (await ecgs.FindStored(id, AnalysisEngine.Version, ct) == StoredInsights.Complete)
        {
            return Reprocessing.Current;
        }

        if (ecg.Status != EcgStatus.Queued)
        {
            ecg.Requeued(clock.GetUtcNow(), options.SafetyNet);
            outbox.Add(new EcgSubmitted(ecg.Id), ecg.Id);
            await ecgs.Save(ct);
        }

        return Reprocessing.Queued;
    }
}
