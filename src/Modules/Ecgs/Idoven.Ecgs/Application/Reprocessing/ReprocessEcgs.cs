using Idoven.Shared.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Application.Reprocessing;

/// <summary>How far it is.</summary>
/// <param name="Submitted">How many were submitted to the analysis so far.</param>
/// <param name="All">How many there were to do at the start.</param>
/// <param name="Queued">How many ECGs wait for the analysis now, whoever submitted them.</param>
internal sealed record ReprocessProgress(int Submitted, int All, int Queued);

/// <summary>
/// Every ECG whose complete insights are all of earlier engines is submitted to today's, a few at a time: uploads shall not wait behind
/// a million of them. What is done has insights of today, so a run that was cut off goes on with the next.
/// </summary>
internal sealed class ReprocessEcgsHandler(IServiceScopeFactory scopes, TimeProvider clock)
{
    private const int BatchSize = 50;
    private const int MostQueued = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <param name="before">Of engines before this version.</param>
    /// <param name="report">Is told after each batch and while it waits.</param>
    public async Task<int> Handle(Version before, Action<ReprocessProgress> report, CancellationToken ct)
    {
        var all = await With((IEcgs ecgs) => ecgs.CountOutdated(before, ct));
        var (submitted, last) = (0, Guid.Empty);
        while (true)
        {
            for (int queued; (queued = await With((IEcgs ecgs) => ecgs.CountQueued(ct))) >= MostQueued;)
            {
                report(new ReprocessProgress(submitted, all, queued));
                await Task.Delay(Pause, clock, ct);
            }

            var batch = await With((IEcgs ecgs) => ecgs.ListOutdated(before, last, BatchSize, ct));
            if (batch.Count == 0)
            {
                return submitted;
            }

            foreach (var id in batch)
            {
                submitted += await With((ReprocessEcgHandler handler) => handler.Handle(id, ownerId: null, ct)) == ReprocessResult.Queued ? 1 : 0;
                last = id;
            }

            report(new ReprocessProgress(submitted, all, await With((IEcgs ecgs) => ecgs.CountQueued(ct))));
        }
    }

    private async Task<TResult> With<TService, TResult>(Func<TService, Task<TResult>> use)
        where TService : notnull
    {
        await using var scope = scopes.CreatePatientScope();
        return await use(scope.ServiceProvider.GetRequiredService<TService>());
    }
}
