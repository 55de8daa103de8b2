using System.Diagnostics;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Application;

/// <summary>What became of the wish.</summary>
internal enum Reprocessing
{
    /// <summary>There is no such ECG.</summary>
    NotFound,

    /// <summary>It waits for the analysis, or did already.</summary>
    Queued,

    /// <summary>The engine of today has analysed it completely: the same again would come out.</summary>
    Current,
}

/// <summary>An ECG waits for today's engine, behind the uploads; its earlier insights stay readable.</summary>
internal sealed class ReprocessEcgHandler(IEcgs ecgs, ICurrentAccess access, TimeProvider clock)
{
    /// <param name="ownerId">Whose it must be; null for an operator, who answers nobody with it.</param>
    public async Task<Reprocessing> Handle(Guid id, string? ownerId, CancellationToken ct)
    {
        var ecg = ownerId is null ? await ecgs.Lock(id, ct) : await ecgs.Lock(id, ownerId, ct);
        if (ecg is null)
        {
            return Reprocessing.NotFound;
        }

        access.Reach(ecg.Id, ecg.OwnerId);
        if (await ecgs.FindStored(id, AnalysisEngine.Version, ct) == StoredInsights.Complete)
        {
            return Reprocessing.Current;
        }

        if (ecg.Status != EcgStatus.Queued)
        {
            ecg.Requeue(clock.GetUtcNow(), await ecgs.CountSamples(id, ct), isReprocessing: true, Activity.Current?.Id);
            ecgs.Add(access.Store(AccessActions.Reprocess, ecg.Id, ecg.OwnerId));
            await ecgs.Save(ct);
        }

        return Reprocessing.Queued;
    }
}
