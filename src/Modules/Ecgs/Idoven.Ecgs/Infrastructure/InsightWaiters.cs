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
/// Lets requests wait for insights without a connection each: an analysis on this host completes them directly, and one query for all of
/// them finds the analyses of other hosts.
/// </summary>
internal sealed class InsightWaiters(
    ModuleDatabase<EcgsDbContext> database, Draining draining, TimeProvider clock, ILogger<InsightWaiters> logger)
    : PeriodicService("requests that wait for insights", PollInterval, clock, logger), IInsightWaiters
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);
    private readonly TimeProvider clock = clock;
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> waiting = new();
    private readonly CallerSlots slots = new(
        "requests that wait", IInsightWaiters.MaxWaiting, IInsightWaiters.MaxWaitingPerOwner, Lending.WhileAQuarterIsFree, clock);

    public async Task Wait(Guid ecgId, string ownerId, TimeSpan atMost, CancellationToken ct)
    {
        using var slot = slots.Enter(ownerId);
        if (slot.State != ShareState.Taken)
        {
            return;
        }

        // A repeated request may wait for the same ECG as the first one, and both share the completion source.
        var ended = waiting.GetOrAdd(ecgId, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var until = CancellationTokenSource.CreateLinkedTokenSource(ct, draining.Started);
        try
        {
            await ended.Task.WaitAsync(atMost, clock, until.Token);
        }
        catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            // The time has passed or the host is about to stop. The response is 202.
        }
        finally
        {
            waiting.TryRemove(new(ecgId, ended));
        }
    }

    public void Complete(Guid ecgId)
    {
        if (waiting.TryGetValue(ecgId, out var ended))
        {
            ended.TrySetResult();
        }
    }

    protected override string Effect => "A waiting request gets 202 when its time ends.";

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
            Complete(reader.GetGuid(0));
        }
    }
}
