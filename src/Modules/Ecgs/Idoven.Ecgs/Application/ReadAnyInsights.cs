using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Application;

/// <summary>Everybody's insights, for a machine client that was given this right on the host.</summary>
internal sealed class ReadAnyInsightsHandler(IEcgs ecgs, TimeProvider clock)
{
    /// <summary>The read is on record, committed, before anything is answered.</summary>
    /// <returns>Null where there is no such ECG.</returns>
    public async Task<EcgInsights?> Handle(Guid id, string? engineVersion, string clientId, string? traceId, CancellationToken ct)
    {
        var found = await ecgs.FindInsights(id, engineVersion, ct);
        if (found is not null)
        {
            var now = clock.GetUtcNow();
            ecgs.Add(new InsightRead(Guid.CreateVersion7(now), id, clientId, now, traceId));
            await ecgs.Save(ct);
        }

        return found;
    }
}
