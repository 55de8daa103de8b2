using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Messaging;

/// <summary>A host with a database and a broker of its own, which the tests of one class break one after the other.</summary>
public sealed class BreakableHost(RunningParts parts) : IAsyncLifetime
{
    internal RunningHost Host { get; private set; } = null!;

    internal IBroker Broker { get; private set; } = null!;

    internal HostSettings Settings { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        (Settings, Broker) = await parts.OwnServers();
        Host = await RunningHost.Start(Settings, ("Ecgs:RetryAfter:0", "00:00:00.2"));
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>Accepted uploads are not lost and no effect happens twice, even if a host or the broker fails in between.</summary>
public sealed class DeliveryTests(BreakableHost breakable, RunningParts parts) : IClassFixture<BreakableHost>
{
    private const string SubmittedExchange = "Idoven.Ecgs.Contracts:EcgSubmitted";
    private const string SubmittedQueue = "ecgs-process-ecg";
    private readonly RunningHost host = breakable.Host;

    [Fact]
    public async Task Upload_while_the_broker_is_stopped_is_accepted_and_its_event_is_sent_after_the_restart()
    {
        using var owner = await host.NewOwner();
        await breakable.Broker.Stop();
        Guid ecg;
        try
        {
            await Eventually.Holds(async () =>
                (await host.Readiness()).Degraded.Any(reason => reason.StartsWith("broker: unavailable", StringComparison.Ordinal)));
            Assert.Equal((HttpStatusCode.OK, "Degraded"), ((await host.Readiness()).Code, (await host.Readiness()).Status));
            ecg = await owner.Submit();
            Assert.Equal(HttpStatusCode.Accepted, (await owner.GetAsync($"{EcgCalls.Route}/{ecg}/insights")).StatusCode);
        }
        finally
        {
            await breakable.Broker.Start();
        }

        var since = Stopwatch.GetTimestamp();
        Assert.Equal("processed", await owner.EndStatus(ecg, within: TimeSpan.FromSeconds(10)));
        await Eventually.Holds(() => IsSent("ecg.processed.v1", ecg), within: TimeSpan.FromSeconds(10) - Stopwatch.GetElapsedTime(since));
    }

    [Fact]
    public async Task Crash_between_confirm_and_mark_sends_a_message_twice_with_one_id_and_one_effect()
    {
        await using var submissions = await WatchingQueue.Bind(breakable.Settings.Broker, SubmittedExchange);
        await using var events = await WatchingQueue.OfEvents(breakable.Settings.Broker);
        using var owner = await host.NewOwner();
        await using var breaks = await FailStatements(
            "outbox", "update of sent_at", "new.type like '%EcgSubmitted'", times: 1,
            action: "perform pg_terminate_backend(pg_backend_pid())");

        var ecg = await owner.Submit();
        await events.Event("ecg.processed.v1", ecg);
        await Eventually.Holds(() => Task.FromResult(submissions.Seen.Count >= 2));
        await WaitUntilAllSent();

        Assert.Equal(2, submissions.Seen.Count);
        Assert.Single(submissions.Seen.Select(message => message.Id).Distinct());
        Assert.Equal(1L, await host.Query<long>("select count(*) from ecgs.insight_sets where ecg_id = $1", ecg));
        Assert.Equal(
            1L, await host.Query<long>("select count(*) from ecgs.inbox where message_id = $1", Guid.Parse(submissions.Seen[0].Id!)));
        Assert.Single(events.FindMessages(ecg));
    }

    [Fact]
    public async Task Second_delivery_has_no_effect_with_the_same_or_another_message_id()
    {
        var settings = await parts.OwnParts();
        await using var events = await WatchingQueue.OfEvents(settings.Broker);
        Guid ecg;
        await using (var consuming = await RunningHost.Start(settings))
        {
            await using var submissions = await WatchingQueue.Bind(settings.Broker, SubmittedExchange);
            using var owner = await consuming.NewOwner();
            ecg = await owner.Submit();
            await events.Event("ecg.processed.v1", ecg);
            var first = submissions.Seen.Single();

            await submissions.Publish(SubmittedExchange, first);
            await submissions.Publish(SubmittedExchange, first, id: Guid.NewGuid().ToString());
            await Eventually.Holds(() => Task.FromResult(submissions.Seen.Count == 3));
            await Eventually.Holds(async () => await QueueState.Read(settings.Broker, SubmittedQueue) is { Messages: 0 });
        }

        // Messages that the stopped host had not acknowledged would return to the queue.
        await Eventually.Holds(async () => await QueueState.Read(settings.Broker, SubmittedQueue) is { Consumers: 0 });
        Assert.Equal(0u, (await QueueState.Read(settings.Broker, SubmittedQueue)).Messages);

        // The next host sends messages that the deliveries may have left in the outbox.
        await using var next = await RunningHost.Start(settings);
        await next.AssertEverythingSentWithoutHole();
        Assert.Single(events.FindMessages(ecg));
        Assert.Equal(1L, await next.Query<long>("select count(*) from ecgs.insight_sets where ecg_id = $1", ecg));
    }

    [Fact]
    public async Task A_transaction_that_rolls_back_leaves_no_row_and_no_message()
    {
        await using var submissions = await WatchingQueue.Bind(breakable.Settings.Broker, SubmittedExchange);
        using var owner = await host.NewOwner();
        await using (await FailStatements("signal_blocks", "insert", "new.samples = 17", times: 1))
        {
            await (await owner.Upload(EcgCalls.Body(new int[17]))).Problem(HttpStatusCode.InternalServerError);
        }

        Assert.Equal("""{"items":[],"next":null}""", await owner.GetStringAsync(EcgCalls.Route));
        Assert.Equal(
            0L,
            await host.Query<long>(
                "select count(*) from ecgs.outbox o where o.type like '%EcgSubmitted'"
                + " and not exists (select from ecgs.ecgs e where e.id = o.key)"));
        var accepted = await owner.Submit(new int[17]);
        Assert.Equal("processed", await owner.EndStatus(accepted));
        Assert.Single(submissions.Seen);
    }

    [Fact]
    public async Task Ecg_that_cannot_be_analysed_fails_with_a_reason_and_others_are_analysed()
    {
        await using var events = await WatchingQueue.OfEvents(breakable.Settings.Broker);
        using var owner = await host.NewOwner();
        await host.Execute(
            """
            create function ecgs.poison() returns trigger language plpgsql as $$ begin new.bytes = '\xdeadbeef'; return new; end $$;
            create trigger poison before insert on ecgs.signal_blocks for each row when (new.samples = 13) execute function ecgs.poison();
            """);
        var poisoned = await owner.Submit(new int[13]);
        var others = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => owner.Submit(1, -1)));
        await host.Execute("drop function ecgs.poison cascade");

        Assert.Equal("failed", await owner.EndStatus(poisoned));
        await Assert.AllAsync(others, async other => Assert.Equal("processed", await owner.EndStatus(other)));
        var problem = await (await owner.GetAsync($"{EcgCalls.Route}/{poisoned}/insights")).Problem(HttpStatusCode.Conflict);
        Assert.Equal("/problems/processing-failed", problem.GetProperty("type").GetString());
        Assert.Contains("signal-unreadable", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var failed = await events.Event("ecg.failed.v1", poisoned);
        Assert.Equal("signal-unreadable", failed.Json.GetProperty("data").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Effect_that_fails_temporarily_is_retried_and_happens_once()
    {
        await using var events = await WatchingQueue.OfEvents(breakable.Settings.Broker);
        using var owner = await host.NewOwner();

        // The first delivery and its three quick retries fail; the attempt after the wait succeeds.
        await using var breaks = await FailStatements("insight_sets", "insert", "true", times: 4);
        var ecg = await owner.Submit();

        Assert.Equal("processed", await owner.EndStatus(ecg));
        Assert.Equal(1, await host.Query<int>("select attempts from ecgs.ecgs where id = $1", ecg));
        await events.Event("ecg.processed.v1", ecg);
        Assert.Single(events.FindMessages(ecg));
    }

    [Fact]
    public async Task Modules_that_publish_concurrently_write_into_their_own_schemas()
    {
        using var owner = await host.NewOwner();

        // A host that starts registers the demo user that is missing, while uploads go on.
        await host.Execute("delete from users.users where username = 'user2'");
        var before = await host.Query<long>("select count(*) from users.outbox");
        var starting = RunningHost.Start(breakable.Settings);
        do
        {
            await owner.Submit();
        }
        while (await host.Query<long>("select count(*) from users.outbox") == before);
        await owner.Submit();
        await (await starting).DisposeAsync();

        foreach (var (module, contracts) in new[]
        {
            ("ecgs", "Idoven.Ecgs.Contracts."), ("users", "Idoven.Users.Contracts."), ("identity", "Idoven.Identity.Contracts."),
        })
        {
            Assert.Equal(0L, await host.Query<long>($"select count(*) from {module}.outbox where type not like '{contracts}%'"));
        }
    }

    private Task WaitUntilAllSent() =>
        Eventually.Holds(async () => await host.Query<long>("select count(*) from ecgs.outbox where sent_at is null") == 0);

    private async Task<bool> IsSent(string routingKey, Guid ecg)
    {
        var type = routingKey == "ecg.processed.v1" ? "EcgProcessed" : throw new ArgumentOutOfRangeException(nameof(routingKey));
        return await host.Query<long>(
            $"select count(*) from ecgs.outbox where type like '%{type}' and key = $1 and sent_at is not null", ecg) == 1;
    }

    /// <summary>Makes the next statements on a table fail. A sequence counts them, because a rollback does not reset it.</summary>
    private async Task<IAsyncDisposable> FailStatements(
        string table, string when, string condition, int times, string action = "raise 'broken by a test'")
    {
        var name = $"break_{table}";
        await host.Execute(
            $"""
            create sequence ecgs.{name}; grant usage on sequence ecgs.{name} to public;
            create function ecgs.{name}() returns trigger language plpgsql as $$ begin
              if nextval('ecgs.{name}') <= {times} then {action}; end if; return new; end $$;
            create trigger {name} before {when} on ecgs.{table} for each row when ({condition}) execute function ecgs.{name}();
            """);
        return new Undo(() => host.Execute($"drop function ecgs.{name} cascade; drop sequence ecgs.{name}"));
    }

    private sealed class Undo(Func<Task> undo) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await undo();
    }
}
