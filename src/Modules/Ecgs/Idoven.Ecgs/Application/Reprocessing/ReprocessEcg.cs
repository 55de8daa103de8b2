using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Application.Reprocessing;

/// <summary>Represents the result of a request to reprocess an ECG.</summary>
internal enum ReprocessResult
{
    /// <summary>There is no such ECG.</summary>
    NotFound,

    /// <summary>The ECG is queued for the analysis, by this request or an earlier one.</summary>
    Queued,

    /// <summary>The current engine has analysed the ECG completely, so another analysis would give the same insights.</summary>
    Current,
}

/// <summary>Requeues an ECG for the current engine, behind the uploads. Its earlier insights stay readable.</summary>
internal sealed class ReprocessEcgHandler(IEcgs ecgs, RequeueEcgHandler requeuing, ICurrentAccess access)
{
    /// <param name="ownerId">The owner that the ECG must have; null for an operator, who may reprocess every ECG.</param>
    public async Task<ReprocessResult> Handle(Guid id, string? ownerId, CancellationToken ct)
    {
        var ecg = ownerId is null ? await ecgs.Lock(id, ct) : await ecgs.Lock(id, ownerId, ct);
        if (ecg is null)
        {
            return ReprocessResult.NotFound;
        }

        access.SetEcg(ecg.Id, ecg.OwnerId);
        if (await ecgs.FindStored(id, AnalysisEngine.Version, ct) == StoredInsights.Complete)
        {
            return ReprocessResult.Current;
        }

        if (ecg.Status != EcgStatus.Queued)
        {
            await requeuing.Reprocess(ecg, ct);
        }

        return ReprocessResult.Queued;
    }
}
