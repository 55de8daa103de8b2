using Idoven.Shared.Data;

namespace Idoven.Ecgs.Application.Reprocessing;

/// <summary>Represents the progress of reprocessing.</summary>
/// <param name="Submitted">The number of ECGs that were requeued so far.</param>
/// <param name="All">The number of ECGs that were outdated at the start.</param>
/// <param name="Queued">The number of all ECGs that are queued now.</param>
internal sealed record ReprocessProgress(int Submitted, int All, int Queued);

/// <summary>
/// Requeues every ECG that has complete insights of earlier engines only, a few at a time, so that uploads never wait behind all of them.
/// An ECG that is done has insights of the current engine, so an interrupted run can be repeated and continues with the others.
/// </summary>
internal sealed class ReprocessEcgsHandler(BackgroundWork background, TimeProvider clock)
{
    private const int BatchSize = 50;
    private const int MaxQueued = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <param name="before">ECGs without complete insights of this version or a later one are requeued.</param>
    /// <param name="report">Called after each batch, and while too many ECGs are queued.</param>
    /// <returns>The number of ECGs that were requeued.</returns>
    public async Task<int> Handle(Version before, Action<ReprocessProgress> report, CancellationToken ct)
    {
        var all = await background.RunPatiently((IEcgs ecgs) => ecgs.CountOutdated(before, ct));
        var (submitted, last) = (0, Guid.Empty);
        while (true)
        {
            for (int queued; (queued = await background.RunPatiently((IEcgs ecgs) => ecgs.CountQueued(ct))) >= MaxQueued;)
            {
                report(new ReprocessProgress(submitted, all, queued));
                await Task.Delay(Pause, clock, ct);
            }

            var batch = await background.RunPatiently((IEcgs ecgs) => ecgs.ListOutdated(before, last, BatchSize, ct));
            if (batch.Count == 0)
            {
                return submitted;
            }

            foreach (var id in batch)
            {
                var result = await background.RunPatiently((ReprocessEcgHandler handler) => handler.Handle(id, ownerId: null, ct));
                submitted += result == ReprocessResult.Queued ? 1 : 0;
                last = id;
            }

            report(new ReprocessProgress(submitted, all, await background.RunPatiently((IEcgs ecgs) => ecgs.CountQueued(ct))));
        }
    }
}
