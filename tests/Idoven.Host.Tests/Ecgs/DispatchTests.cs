using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>A host with its own database and broker, whose analysis the tests of one class block one after the other.</summary>
public sealed class DispatchingHost(RunningParts parts) : IAsyncLifetime
{
    internal RunningHost Host { get; private set; } = null!;

    internal HostSettings Settings { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Settings = await parts.OwnParts();
        Host = await RunningHost.Start(Settings);

        // Until it has reported its consumers, the host is treated as one consumer.
        await Eventually.Holds(async () => await Host.Query<long>("select count(*) from ecgs.analysis_hosts") == 1);
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>ECGs wait for the analysis in PostgreSQL, and are sent to the queue when it has room.</summary>
public sealed class DispatchTests(DispatchingHost dispatching) : IClassFixture<DispatchingHost>
{
    private const int MaxPerHost = 64;
    private readonly RunningHost host = dispatching.Host;

    [Fact]
    public async Task At_most_64_ecgs_are_sent_to_the_analysis_and_each_of_them_once()
    {
        using var owner = await host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        Guid[] ecgs;
        await using (await dispatching.Settings.HoldAnalysis())
        {
            ecgs = await host.Copy(ecg, 200);
            await Eventually.Holds(async () => await host.Sent(ecgs) == MaxPerHost);
            await host.Execute(
                "update ecgs.ecgs set next_attempt_at = now() - interval '1 hour' where status = 'queued' and dispatched_at is null");
            await WaitForTurn();
            Assert.Equal(MaxPerHost, await host.Sent(ecgs));
            Assert.Equal(MaxPerHost, await host.Messages(ecgs));
        }

        await Eventually.Holds(async () => await host.Processed(ecgs) == ecgs.Length);
        Assert.Equal(ecgs.Length, await host.Messages(ecgs));
    }

    [Fact]
    public async Task Ecg_without_a_result_is_sent_again_unless_its_message_is_still_in_the_outbox()
    {
        using var owner = await host.NewOwner();
        Guid lost, unsent;
        await using (await dispatching.Settings.HoldAnalysis())
        {
            (lost, unsent) = (await owner.Submit(), await owner.Submit());
            await Eventually.Holds(async () =>
                await host.Query<long>(
                    "select count(*) from ecgs.outbox where key = any($1) and sent_at is not null", new[] { lost, unsent }) == 2);

            // A message that the broker has not confirmed, parked so that the relay does not send it now.
            await host.Execute($"update ecgs.outbox set sent_at = null, parked_at = now() where key = '{unsent}'");
            await host.Execute($"update ecgs.ecgs set next_attempt_at = now() - interval '1 second' where id in ('{lost}', '{unsent}')");
            await Eventually.Holds(async () => await host.Messages(lost) == 2);
            Assert.Equal(1, await host.Messages(unsent));
            await host.Execute($"update ecgs.outbox set parked_at = null, sent_at = now() where key = '{unsent}'");
        }

        Assert.Equal("processed", await owner.EndStatus(lost));
        Assert.Equal("processed", await owner.EndStatus(unsent));
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "turns of the analysis")]
    public async Task An_owner_with_a_thousand_waiting_ecgs_does_not_delay_another_owners_uploads()
    {
        using var busy = await host.NewOwner();
        using var other = await host.NewOwner();
        var ecg = await busy.Submit(Enumerable.Range(0, 5000).Select(i => i % 300).ToArray());
        await busy.EndStatus(ecg);

        var waiting = await host.Copy(ecg, 1000);
        var uploads = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => other.Submit()));
        foreach (var upload in uploads)
        {
            Assert.Equal("processed", await other.EndStatus(upload));
        }

        // Counts the ECGs that were processed while an upload waited: those queued before it and those sent in turn with it.
        var passed = await host.Query<long>(
            """
            select max((
              select count(*) from ecgs.ecgs busy
              where busy.id = any($1) and busy.processed_at between other.submitted_at and other.processed_at))
            from ecgs.ecgs other where other.id = any($2)
            """,
            waiting, uploads);
        Assert.InRange(passed, 0, 4 * MaxPerHost);
        await Eventually.Holds(async () => await host.Processed(waiting) == waiting.Length, TimeSpan.FromMinutes(2));
        Assert.Equal(waiting.Length, await host.Messages(waiting));
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "turns of the analysis")]
    public async Task Owners_take_turns_and_no_owner_is_skipped()
    {
        var owners = new List<Guid[]>();
        await using (await dispatching.Settings.HoldAnalysis())
        {
            foreach (var copies in new[] { 100, 3, 100 })
            {
                using var owner = await host.NewOwner();
                var ecg = await owner.Submit();
                owners.Add(await CopyForLater(ecg, copies));
            }

            await host.Execute("update ecgs.ecgs set next_attempt_at = now() where next_attempt_at > now() + interval '1 day'");
            await Eventually.Holds(async () => (await Task.WhenAll(owners.Select(host.Sent))).Sum() >= MaxPerHost - owners.Count);
            var sent = await Task.WhenAll(owners.Select(host.Sent));
            Assert.Equal(3, sent[1]);
            Assert.InRange(sent[0] - sent[2], -2, 2);
        }

        await Eventually.Holds(async () => (await Task.WhenAll(owners.Select(host.Processed))).Sum() == 203);
    }

    [Fact]
    public async Task Large_ecgs_leave_one_consumer_free_for_other_ecgs()
    {
        using var owner = await host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        var consumers = await host.Query<int>("select consumers from ecgs.analysis_hosts");
        Assert.InRange(consumers, 2, int.MaxValue);
        Guid[] large, small;
        await using (await dispatching.Settings.HoldAnalysis())
        {
            large = await host.Copy(ecg, consumers + 3, ("samples", "1000001"));
            await Eventually.Holds(async () => await host.Sent(large) == consumers - 1);
            small = await host.Copy(ecg, 5, ("samples", "1000000"));
            await Eventually.Holds(async () => await host.Sent(small) == small.Length);
            Assert.Equal(consumers - 1, await host.Sent(large));
        }

        await Eventually.Holds(async () => await host.Processed(large) == large.Length && await host.Processed(small) == small.Length);
    }

    [Fact]
    public async Task Ecg_waits_in_the_database_after_a_failed_attempt()
    {
        using var owner = await host.NewOwner();
        await host.Execute(
            """
            create function ecgs.fail() returns trigger language plpgsql as $$ begin raise 'broken by a test'; end $$;
            create trigger fail before insert on ecgs.insight_sets for each row execute function ecgs.fail();
            """);
        var ecg = await owner.Submit();
        await Eventually.Holds(async () => await host.Query<int>("select attempts from ecgs.ecgs where id = $1", ecg) == 1);
        Assert.True(await host.Query<bool>("select dispatched_at is null and next_attempt_at > now() from ecgs.ecgs where id = $1", ecg));
        await host.Execute("drop function ecgs.fail cascade");

        await host.Execute($"update ecgs.ecgs set next_attempt_at = now() where id = '{ecg}'");
        Assert.Equal("processed", await owner.EndStatus(ecg));
        Assert.Equal(2, await host.Messages(ecg));
    }

    /// <summary>A host of the previous version sends the message itself, and sets the time after which another attempt is due.</summary>
    [Fact]
    public async Task Upload_to_a_host_of_the_previous_version_is_not_sent_before_its_next_attempt_is_due()
    {
        using var owner = await host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        var older = await host.Copy(ecg, 1, ("next_attempt_at", "now() + interval '15 minutes'"));

        await WaitForTurn();
        Assert.Equal(0, await host.Messages(older));
        await host.Execute($"update ecgs.ecgs set next_attempt_at = now() where id = '{older[0]}'");
        Assert.Equal("processed", await owner.EndStatus(older[0]));
        Assert.Equal(1, await host.Messages(older));
    }

    /// <summary>Copies an ECG with a due time in two days, so that all copies can be made due at once.</summary>
    private Task<Guid[]> CopyForLater(Guid ecg, int copies) => host.Copy(ecg, copies, ("next_attempt_at", "now() + interval '2 days'"));

    /// <summary>Waits until the leader has completed a turn: two events are sent one after the other, each in a turn.</summary>
    private async Task WaitForTurn()
    {
        for (var turn = 0; turn < 2; turn++)
        {
            var key = Guid.NewGuid();
            await host.Execute(
                $$"""
                insert into ecgs.outbox (message_id, key, type, is_public, body, created_at, attempts) values
                  (gen_random_uuid(), '{{key}}', 'Idoven.Ecgs.Contracts.EcgDeleted', true,
                    '{"ecgId":"{{key}}","ownerId":"x","deletedAt":"2026-11-23T10:15:00Z"}', now(), 0)
                """);
            await Eventually.Holds(async () =>
                await host.Query<long>("select count(*) from ecgs.outbox where key = $1 and sent_at is not null", key) == 1);
        }
    }
}
