using System.Diagnostics;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Messaging;

/// <summary>The relay under transactions that lock its rows, and with messages that the broker rejects.</summary>
public sealed class RelayTests(BreakableHost breakable) : IClassFixture<BreakableHost>
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly RunningHost host = breakable.Host;

    [Fact]
    public async Task Deleting_an_event_while_it_is_numbered_leaves_no_hole_and_does_not_stop_the_relay()
    {
        Guid first = Guid.NewGuid(), deleted = Guid.NewGuid(), last = Guid.NewGuid();
        await using var events = await WatchingQueue.OfEvents(breakable.Settings.Broker);
        await using (var deletion = await LockUnnumbered(deleted, first, deleted, last))
        {
            await NumberingWaitsOrIsDone(deletion, first);
            await deletion.Commit();
        }

        var after = Guid.NewGuid();
        await host.AddEvents(after);
        await events.Event("ecg.deleted.v1", after);
        await host.AssertEverythingSentWithoutHole();
        Assert.Empty(events.Of(deleted));
    }

    [Fact]
    public async Task A_deletion_that_stays_open_does_not_delay_the_events_of_other_keys()
    {
        Guid first = Guid.NewGuid(), held = Guid.NewGuid(), last = Guid.NewGuid();
        await using var events = await WatchingQueue.OfEvents(breakable.Settings.Broker);
        await using (await LockUnnumbered(held, first, held, last))
        {
            // A later event of the locked key must not overtake the locked one.
            await host.AddEvents(held);
            var since = Stopwatch.GetTimestamp();
            await events.Event("ecg.deleted.v1", first, Bound);
            await events.Event("ecg.deleted.v1", last, Bound);
            TestContext.Current.SendDiagnosticMessage($"other keys were sent after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
            Assert.Equal(0L, await host.Query<long>("select count(*) from ecgs.outbox where key = $1 and sequence is not null", held));
        }

        await Eventually.Holds(() => Task.FromResult(events.Of(held).Count == 2));
        await host.AssertEverythingSentWithoutHole();
        Assert.Equal(
            await host.Query<long[]>("select array_agg(sequence order by id) from ecgs.outbox where key = $1", held),
            events.Of(held).Select(message => long.Parse(message.Json.GetProperty("sequence").GetString()!, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_message_that_is_locked_while_it_is_marked_is_published_once_and_delays_no_other_key()
    {
        await using var messages = await WatchingQueue.Bind(breakable.Settings.Broker, "Idoven.Ecgs.Contracts:EcgSubmitted");
        var locked = await host.AddMessage(Guid.NewGuid(), dueIn: TimeSpan.FromSeconds(2));
        var messageId = await host.Query<Guid>("select message_id from ecgs.outbox where id = $1", locked);
        await using (await breakable.Settings.Hold($"select from ecgs.outbox where id = {locked} for update"))
        {
            await Eventually.Holds(() => Task.FromResult(messages.Seen.Any(message => message.Id == messageId.ToString())));
            for (var i = 0; i < 3; i++)
            {
                var other = await host.AddMessage(Guid.NewGuid());
                await Eventually.Holds(async () => await IsSent(other), Bound);
            }

            Assert.False(await IsSent(locked));
        }

        await Eventually.Holds(() => IsSent(locked));
        Assert.Single(messages.Seen, message => message.Id == messageId.ToString());
    }

    private Task<bool> IsSent(long row) => host.Query<bool>("select sent_at is not null from ecgs.outbox where id = $1", row);

    /// <summary>Adds events and deletes those of one key in a transaction that stays open, before the relay can number them.</summary>
    private async Task<HeldTransaction> LockUnnumbered(Guid deleted, params Guid[] keys)
    {
        await using var numbering = await breakable.Settings.Hold("select from ecgs.event_sequence for update");
        await host.AddEvents(keys);
        return await breakable.Settings.Hold($"delete from ecgs.outbox where key = '{deleted}' and sequence is null");
    }

    private Task NumberingWaitsOrIsDone(HeldTransaction deletion, Guid numbered) => Eventually.Holds(async () =>
        await host.Query<bool>("select exists (select from ecgs.outbox where key = $1 and sequence is not null)", numbered)
        || await host.Query<bool>("select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))", deletion.ProcessId));
}
