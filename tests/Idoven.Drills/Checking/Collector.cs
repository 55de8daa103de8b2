using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Idoven.Drills.Load;
using Idoven.Drills.Running;

namespace Idoven.Drills.Checking;

/// <summary>
/// Reads the evidence of a drill after the service has become idle: database, feed, queues, subscriber, histories and hosts.
/// </summary>
internal sealed class Collector(Deployment deployment)
{
    private const int PageSize = 1000;
    private static readonly TimeSpan SubscriberWithin = TimeSpan.FromSeconds(5);
    private static readonly ClientCredentials FeedReader = new("demo-subscriber", "demo-subscriber-secret");

    private static readonly TimeSpan QueuesEmptyWithin = TimeSpan.FromSeconds(15);

    private DrillDatabase Database => deployment.Database;

    public async Task<Evidence> Collect(
        FaultTraits traits, IReadOnlyList<Violation> observed, IReadOnlyList<string> changedByRepetition, double? recovery,
        long? cleanMemory, CancellationToken ct)
    {
        var history = deployment.History.Operations;
        var reading = new History(deployment.Clock);
        using var caller = new Caller("checker", deployment.Hosts, reading, new Random(0));
        var (feed, goneAfter) = await ReadFeed(caller, ct);
        await WaitForSubscriber(feed.Count, ct);
        return new Evidence
        {
            Traits = traits,
            Observed = observed,
            Operations = history,
            Ecgs = await Database.Rows(
                "select id, owner_id, external_id, status, failure_reason from ecgs.ecgs",
                row => new StoredEcg(
                    row.GetGuid(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetString(3),
                    row.IsDBNull(4) ? null : row.GetString(4)),
                ct),
            Insights = await Database.Rows(
                "select ecg_id, engine_version, count(*) from ecgs.insight_sets group by ecg_id, engine_version",
                row => new StoredInsights(row.GetGuid(0), row.GetString(1), row.GetInt64(2)), ct),
            Feed = feed,
            FeedGoneAfter = goneAfter,
            StoredSequences = await Database.Rows(
                "select sequence from ecgs.outbox where sequence is not null order by sequence", row => row.GetInt64(0), ct),
            Received = deployment.Subscriber.Received,
            Queues = await ReadQueues(ct),
            Unsent = await CountByModule("select count(*) from {0}.outbox where sent_at is null", ct),
            Parked = await CountByModule("select count(*) from {0}.parked", ct),
            MissingInboxRows = await FindMissingInboxRows(ct),
            Erased = await ReadErasedUsers(caller, ct),
            ChangedByRepetition = changedByRepetition,
            Hosts = [.. deployment.Hosts.Select(host =>
                new HostFigures(host.Index, host.PeakLines, host.PeakMemory, host.UnexpectedEnds) { BusiestLines = host.BusiestLines })],
            CleanMemory = cleanMemory,
            DownSpans = [.. deployment.Hosts.SelectMany(host => host.DownSpans)],
            RecoverySeconds = recovery,
        };
    }

    /// <summary>
    /// Reads the queues until all are empty or the time limit is reached. The broker refreshes these counts every five seconds.
    /// </summary>
    private async Task<Dictionary<string, long>> ReadQueues(CancellationToken ct)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var queues = (await deployment.Servers.Queues(deployment.Name, ct)).ToDictionary();
            if (queues.Values.All(messages => messages == 0) || waited.Elapsed > QueuesEmptyWithin)
            {
                return queues;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), ct);
        }
    }

    /// <summary>Reads every page of the feed over HTTP, as a client with the scope <c>events:read</c>.</summary>
    private static async Task<(List<SeenEvent> Events, long? GoneAfter)> ReadFeed(Caller caller, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        var events = new List<SeenEvent>();
        var token = await caller.Get(Tokens.ForClient(FeedReader, "events:read"), limit.Token);
        for (var after = 0L; ;)
        {
            var path = $"/api/v1/events?after={after}&limit={PageSize}";
            var request = new Request(OperationKind.List, HttpMethod.Get, path) { Token = token };
            var (operation, body) = await caller.Send(request, limit.Token);
            if (operation.Status == (int)HttpStatusCode.Gone)
            {
                return (events, after);
            }

            if (!operation.IsSuccess)
            {
                throw new InvalidOperationException($"The request for events after {after} failed with {operation.Status}: {body}");
            }

            var page = body.GetProperty("items").EnumerateArray().Select(EventReader.Read).ToList();
            events.AddRange(page);
            if (page.Count == 0)
            {
                return (events, null);
            }

            after = body.GetProperty("last").GetInt64();
        }
    }

    private async Task WaitForSubscriber(int events, CancellationToken ct)
    {
        var end = deployment.Clock.Elapsed + SubscriberWithin;
        while (deployment.Subscriber.Received.Select(seen => seen.Id).Distinct().Count() < events && deployment.Clock.Elapsed < end)
        {
            await Task.Delay(50, ct);
        }
    }

    private async Task<Dictionary<string, long>> CountByModule(string sql, CancellationToken ct)
    {
        var counts = new Dictionary<string, long>();
        foreach (var module in (string[])["ecgs", "users", "identity"])
        {
            counts[module] = await Database.Number(sql.Replace("{0}", module, StringComparison.Ordinal), ct);
        }

        return counts;
    }

    private async Task<List<string>> FindMissingInboxRows(CancellationToken ct)
    {
        var missing = new List<string>();
        foreach (var (message, schema, queue) in Consumers.WithInbox)
        {
            // The first part of a message's namespace after the company is its module.
            var sender = message.Split('.')[1].ToLowerInvariant();
            missing.AddRange(await Database.Rows(
                $"""
                select o.message_id from {sender}.outbox as o where o.type = $1 and o.sent_at is not null
                  and not exists (select from {schema}.inbox as i where i.message_id = o.message_id and i.consumer = $2)
                """,
                row => $"{queue} has no row of message {row.GetGuid(0)}", ct, message, queue));
        }

        return missing;
    }

    private async Task<List<ErasedUser>> ReadErasedUsers(Caller caller, CancellationToken ct)
    {
        var users = deployment.History.Users.Where(user => user.IsErased).ToList();
        var rows = await RemainingRows.Find(Database, [.. users.Select(user => user.Id)], ct);
        var found = new List<ErasedUser>();
        foreach (var user in users)
        {
            var finished = await Database.Rows(
                "select module from users.erased_parts where user_id = $1", row => row.GetString(0), ct, user.Id);
            var request = new Request(OperationKind.List, HttpMethod.Get, "/api/v1/ecgs") { Token = user.Token };
            int? status = user.Token is null ? null : (await caller.Send(request, ct)).Operation.Status;
            found.Add(new ErasedUser(
                user.Id,
                [.. rows.Where(row => row.User == user.Id).Select(row => row.Column)],
                [.. ((string[])["ecgs", "identity"]).Except(finished)],
                status));
        }

        return found;
    }
}
