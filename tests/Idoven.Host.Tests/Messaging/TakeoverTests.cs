using System.Diagnostics;
using System.Globalization;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Messaging;

/// <summary>
/// Two hosts in processes of their own: the leader stops working without closing its connections, and the other takes over.
/// </summary>
[Collection(nameof(SerialCollection))]
public sealed class TakeoverTests(RunningParts parts)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private enum Fault
    {
        Suspended,
        SuspendedWhileNumbering,
        LinkSwallowsBytes,
    }

    [Fact]
    public Task Another_host_takes_over_from_a_suspended_leader() => TakeOverFrom(Fault.Suspended);

    [Fact]
    public Task Another_host_takes_over_from_a_leader_that_is_suspended_while_it_numbers_events() =>
        TakeOverFrom(Fault.SuspendedWhileNumbering);

    [Fact]
    public Task Another_host_takes_over_from_a_leader_whose_database_link_swallows_bytes() => TakeOverFrom(Fault.LinkSwallowsBytes);

    private async Task TakeOverFrom(Fault fault)
    {
        var settings = await parts.OwnParts();
        var address = new NpgsqlConnectionStringBuilder(settings.Admin);
        using var wall = new TcpProxy(address.Host!, address.Port);
        (address.Host, address.Port) = ("127.0.0.1", wall.Port);
        using var leader = await HostProcess.Start(settings with { Admin = address.ConnectionString });
        await using var database = NpgsqlDataSource.Create(settings.Admin);
        var holder = await Holder();
        Assert.NotNull(holder);
        using var other = await HostProcess.Start(settings);
        await using var events = await WatchingQueue.OfEvents(settings.Broker);
        var added = 0;
        await Add(10);

        if (fault == Fault.SuspendedWhileNumbering)
        {
            await Execute(
                """
                create function ecgs.slow() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return new; end $$;
                create trigger slow before update of sequence on ecgs.outbox for each row when (new.body::text like '%slow%')
                  execute function ecgs.slow();
                """);
            await Add(1, "slow");
            await Eventually.Holds(async () => await Query<long>("select count(*) from pg_stat_activity where wait_event = 'PgSleep'") > 0);
        }

        var since = Stopwatch.GetTimestamp();
        if (fault == Fault.LinkSwallowsBytes)
        {
            wall.Swallow();
        }
        else
        {
            leader.Suspend();
        }

        await Add(10);
        await Eventually.Holds(async () => await Holder() != holder, Limit);
        var taken = Stopwatch.GetElapsedTime(since);
        await Eventually.Holds(
            async () => await Query<long>("select count(*) from ecgs.outbox where sent_at is null") == 0, Limit - taken);
        TestContext.Current.SendDiagnosticMessage(string.Create(
            CultureInfo.InvariantCulture,
            $"{fault}: taken over after {taken.TotalSeconds:0.0} s, all sent after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s"));

        // The former leader resumes while there are messages to send: it does not lead, and every number is given and sent in order.
        var newHolder = await Holder();
        if (fault != Fault.LinkSwallowsBytes)
        {
            leader.Resume();
        }

        for (var i = 0; i < 20; i++)
        {
            await Add(5);
        }

        await Eventually.Holds(() => Task.FromResult(events.Seen.Select(message => message.Id).Distinct().Count() == added));
        Assert.Equal(newHolder, await Holder());
        var numbers = events.Seen.DistinctBy(message => message.Id).Select(message => long.Parse(
            message.Json.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture));
        Assert.Equal(Enumerable.Range(1, added).Select(number => (long)number), numbers);

        async Task<Guid?> Holder() => await Query<object>("select holder from ecgs.leader") as Guid?;

        Task Add(int count, string owner = "test")
        {
            added += count;
            return Execute(
                $$"""
                insert into ecgs.outbox (message_id, key, type, is_public, body, created_at, attempts)
                select gen_random_uuid(), gen_random_uuid(), 'Idoven.Ecgs.Contracts.EcgDeleted', true,
                  '{"ecgId":"{{Guid.NewGuid()}}","ownerId":"{{owner}}","deletedAt":"2026-11-30T10:00:00Z"}', now(), 0
                from generate_series(1, {{count}})
                """);
        }

        async Task Execute(string sql)
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }

        async Task<T> Query<T>(string sql)
        {
            await using var command = database.CreateCommand(sql);
            return (T)(await command.ExecuteScalarAsync())!;
        }
    }
}
