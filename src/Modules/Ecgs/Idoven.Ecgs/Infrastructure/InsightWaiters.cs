using System.Collections.Concurrent;
using Idoven.Ecgs.Application.Processing;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Data.Limits;
using Idoven.Shared.Data.Readiness;
using Idoven.Shared.Web;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// No waiter holds a connection: what ends on this host says so, and one question for all waiters finds what another host has done.
/// </summary>
internal sealed class InsightWaiters(
    ModuleDatabase<EcgsDbContext> database, Draining draining, TimeProvider clock, ILogger<InsightWaiters> logger)
    : PeriodicService("requests that wait for insights", AskEvery, clock, logger), IInsightWaiters
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);
    private readonly TimeProvider clock = clock;
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> waiting = new();
    private readonly CallerSlots places = new(
        "requests that wait", IInsightWaiters.Most, IInsightWaiters.MostOfOneOwner, Lending.WhileAQuarterIsFree, clock);

    public async Task Wait(Guid ecgId, string ownerId, TimeSpan atMost, CancellationToken ct)
    {
        using var place = places.Enter(ownerId);
        if (place.State != ShareState.Taken)
        {
            return;
        }

        // A replay may wait for the same ECG as the first request: both share its end.
        var ended = waiting.GetOrAdd(ecgId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var until = CancellationTokenSource.CreateLinkedTokenSource(ct, draining.Started);
        try
        {
            await ended.Task.WaitAsync(atMost, clock, until.Token);
        }
        catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            // Its time has passed, or the host is about to stop: the answer is 202.
        }
        finally
        {
            waiting.TryRemove(new(ecgId, ended));
        }
    }

    public void Ended(Guid ecgId)
    {
        if (waiting.TryGetValue(ecgId, out var ended))
        {
            ended.TrySetResult();
        }
    }

    protected override string Effect => "A request that waits is answered with 202 when its time ends.";

    protected override async Task RunOnce(CancellationToken stoppingToken)
    {
        var ids = waiting.Keys.ToArray();
        if (ids.Length == 0)
        {
            return;
        }

        await using var command = database.Background.CreateCommand(
            "select id from unnest($1) as id where not exists (select from ecgs.ecgs as e where e.id = id.id and e.status = 'queued')");
        command.Parameters.Add(new NpgsqlParameter { Value = ids });
        await using var reader = await command.ExecuteReaderAsync(stoppingToken);
        while (await reader.ReadAsync(stoppingToken))
        {
            Ended(reader.GetGuid(0));
        }
    }
}
