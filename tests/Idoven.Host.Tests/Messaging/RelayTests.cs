using System.Diagnostics;
using System.Globalization;
using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;

namespace Idoven.Host.Tests.Messaging;

/// <summary>The relay under transactions that lock its rows, and with messages that the broker rejects.</summary>
public sealed class RelayTests(BreakableHost breakable) : IClassFixture<BreakableHost>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly RunningHost host = breakable.Host;

    [Fact]
    public async Task Deleting_an_event_while_it_is_numbered_leaves_no_gap_and_does_not_stop_the_relay()
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
        Assert.Empty(events.FindMessages(deleted));
    }

    [Fact]
    public async Task Event_counter_that_lags_after_a_host_of_the_first_release_is_repaired_and_the_relay_continues()
    {
        Guid first = Guid.NewGuid(), deleted = Guid.NewGuid(), last = Guid.NewGuid(), next = Guid.NewGuid();
        await host.AddEvents(first, deleted, last);
        await host.AssertEverythingSentWithoutHole();
        await using var events = await WatchingQueue.OfEvents(breakable.Settings.Broker);
        await host.Execute($"delete from ecgs.outbox where key = '{deleted}'; update ecgs.event_sequence set last = last - 3");

        await host.AddEvents(next);

        await events.Event("ecg.deleted.v1", next);
        await host.AssertEverythingSentWithoutHole();
        Assert.Single(events.FindMessages(next));
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
            await events.Event("ecg.deleted.v1", first, Limit);
            await events.Event("ecg.deleted.v1", last, Limit);
            TestContext.Current.SendDiagnosticMessage($"other keys were sent after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s");
            Assert.Equal(0L, await host.Query<long>("select count(*) from ecgs.outbox where key = $1 and sequence is not null", held));
        }

        await Eventually.Holds(() => Task.FromResult(events.FindMessages(held).Count == 2));
        await host.AssertEverythingSentWithoutHole();
        Assert.Equal(
            await host.Query<long[]>("select array_agg(sequence order by id) from ecgs.outbox where key = $1", held),
            events.FindMessages(held).Select(message =>
                long.Parse(message.Json.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture)));
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
                await Eventually.Holds(async () => await IsSent(other), Limit);
            }

            Assert.False(await IsSent(locked));
        }

        await Eventually.Holds(() => IsSent(locked));
        Assert.Single(messages.Seen, message => message.Id == messageId.ToString());
    }

    [Theory]
    [InlineData(
        "alter role ecgs_app in database {0} set default_transaction_read_only = on",
        "alter role ecgs_app in database {0} reset all",
        true)]
    [InlineData("revoke update on ecgs.leader from ecgs_app", "grant update on ecgs.leader to ecgs_app", false)]
    public async Task Nothing_is_published_while_the_database_rejects_writes(string reject, string accept, bool isForNewSessions)
    {
        await using var messages = await WatchingQueue.Bind(breakable.Settings.Broker, "Idoven.Ecgs.Contracts:EcgSubmitted");
        var database = await host.Query<string>("select current_database()::text");
        await host.Execute(string.Format(CultureInfo.InvariantCulture, reject, database));
        long row;
        try
        {
            await EndSessions();
            row = await host.AddMessage(Guid.NewGuid());
            await Eventually.Holds(() => host.Query<bool>("select until < clock_timestamp() from ecgs.leader"));
            Assert.Empty(messages.Seen);
        }
        finally
        {
            await host.Execute(string.Format(CultureInfo.InvariantCulture, accept, database));
            await EndSessions();
        }

        await Eventually.Holds(() => IsSent(row));
        Assert.Single(messages.Seen);

        async Task EndSessions()
        {
            if (isForNewSessions)
            {
                await host.Execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ecgs_app' and datname = current_database()");
            }
        }
    }

    [Fact]
    public async Task An_event_that_the_broker_rejects_is_not_marked_as_sent()
    {
        var key = Guid.NewGuid();
        await using var connection = await new ConnectionFactory { Uri = breakable.Settings.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var full = await channel.QueueDeclareAsync(
            "", durable: false, exclusive: true, autoDelete: true,
            new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" });
        await channel.BasicPublishAsync("", full.QueueName, new byte[1]);
        await Eventually.Holds(async () => await channel.MessageCountAsync(full.QueueName) == 1);
        await channel.QueueBindAsync(full.QueueName, "idoven.events", "#");
        await host.AddEvents(key);

        await Eventually.Holds(() => host.Query<bool>("select attempts >= 2 from ecgs.outbox where key = $1", key));
        Assert.Equal(0L, await host.Query<long>("select count(*) from ecgs.outbox where key = $1 and sent_at is not null", key));

        await channel.QueueDeleteAsync(full.QueueName);
        await Eventually.Holds(() => host.Query<bool>("select sent_at is not null from ecgs.outbox where key = $1", key));
    }

    [Fact]
    public async Task A_message_that_fails_holds_back_later_messages_of_its_key_and_is_parked_after_ten_attempts()
    {
        const string exchange = "Idoven.Ecgs.Contracts:OwnerErased", queue = "users-record-erasure-ecgs";
        await using var messages = await WatchingQueue.Bind(breakable.Settings.Broker, "Idoven.Ecgs.Contracts:EcgSubmitted");
        await using var connection = await new ConnectionFactory { Uri = breakable.Settings.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeUnbindAsync(queue, exchange, "");
        var (failing, later) = await host.AddTwoMessages(Guid.NewGuid()) is [var first, var second]
            ? (first, second)
            : throw new InvalidOperationException();

        try
        {
            await Eventually.Holds(() => host.Query<bool>("select attempts >= 2 from ecgs.outbox where id = $1", failing));
            var other = await host.AddMessage(Guid.NewGuid());
            await Eventually.Holds(() => IsSent(other));
            Assert.False(await IsSent(later));
            Assert.Single(messages.Seen);

            await FailAgain(attempts: 8);
            Assert.True(await host.Query<bool>("select parked_at is null from ecgs.outbox where id = $1", failing));
            await FailAgain(attempts: 9);
            Assert.True(await host.Query<bool>("select parked_at is not null from ecgs.outbox where id = $1", failing));
            other = await host.AddMessage(Guid.NewGuid());
            await Eventually.Holds(() => IsSent(other));
            Assert.False(await IsSent(later));
        }
        finally
        {
            await channel.ExchangeBindAsync(queue, exchange, "");
            await host.Execute($"update ecgs.outbox set parked_at = null, next_attempt_at = null, attempts = 0 where id = {failing}");
        }

        await Eventually.Holds(() => IsSent(later));
        Assert.True(await IsSent(failing));

        async Task FailAgain(int attempts)
        {
            await host.Execute($"update ecgs.outbox set attempts = {attempts}, next_attempt_at = now() where id = {failing}");
            await Eventually.Holds(() => host.Query<bool>($"select attempts = {attempts + 1} from ecgs.outbox where id = {failing}"));
        }
    }

    [Fact]
    public async Task A_message_that_closes_the_channel_fails_and_another_message_of_its_round_is_sent()
    {
        const string exchange = "Idoven.Ecgs.Contracts:OwnerErased", queue = "users-record-erasure-ecgs";
        await using var connection = await new ConnectionFactory { Uri = breakable.Settings.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeleteAsync(exchange);
        long[] rows;
        try
        {
            rows = await host.AddTwoMessages(Guid.NewGuid(), Guid.NewGuid());
            await Eventually.Holds(() => IsSent(rows[1]), Limit);
            await Eventually.Holds(() => host.Query<bool>(
                "select attempts >= 1 and last_error like '%NOT_FOUND%' from ecgs.outbox where id = $1", rows[0]));
            Assert.Equal(0, await host.Query<int>("select attempts from ecgs.outbox where id = $1", rows[1]));
        }
        finally
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
            await channel.ExchangeBindAsync(queue, exchange, "");
        }

        await Eventually.Holds(() => IsSent(rows[0]));
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
        || await host.Query<bool>(
            "select exists (select from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))", deletion.ProcessId));
}
