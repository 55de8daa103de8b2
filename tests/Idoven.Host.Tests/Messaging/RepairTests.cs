using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Messaging;

/// <summary>A database whose relay stopped in the previous release.</summary>
public sealed class RepairTests(RunningParts parts)
{
    [Fact]
    public async Task Migration_repairs_gaps_and_a_lagging_event_counter_so_that_relay_and_feed_continue()
    {
        var settings = await parts.OwnParts();
        await using var database = NpgsqlDataSource.Create(settings.Admin);

        // Removes what the migration adds. Then the numbers 3, 6 and 7 are missing, and the counter is 4 although 9 was given.
        await using (var jam = database.CreateCommand(
            """
            delete from ecgs.__migrations where migration_id like '%_LeaseAndDispatch';
            drop table ecgs.analysis_hosts, ecgs.hosts, ecgs.leader;
            drop index ecgs.ix_ecgs_waiting, ecgs.ix_ecgs_dispatched;
            alter table ecgs.insight_sets drop column is_incomplete;
            alter table ecgs.ecgs drop column dispatched_at, drop column is_reprocessing, drop column samples, drop column traceparent;
            insert into ecgs.outbox (message_id, key, type, is_public, body, created_at, sequence, sent_at, attempts)
            select gen_random_uuid(), gen_random_uuid(), 'Idoven.Ecgs.Contracts.EcgDeleted', true,
              json_build_object('ecgId', gen_random_uuid(), 'ownerId', 'test', 'deletedAt', '2026-11-30T10:00:00Z'), now(), number,
              case when number is not null then now() end, 0
            from unnest(array[1, 2, 4, 5, 8, 9, null, null, null]) as given(number);
            update ecgs.event_sequence set last = 4;
            """))
        {
            await jam.ExecuteNonQueryAsync();
        }

        await RunningHost.Migrate(settings);
        await using var events = await WatchingQueue.OfEvents(settings.Broker);
        await using var host = await RunningHost.Start(settings);
        using var subscriber = await host.NewOwner("events:read");

        await host.AssertEverythingSentWithoutHole();
        await Eventually.Holds(() => Task.FromResult(events.Seen.Count == 3));
        foreach (var after in Enumerable.Range(0, 12))
        {
            var page = await subscriber.GetFromJsonAsync<JsonElement>($"/api/v1/events?after={after}");
            Assert.Equal(Enumerable.Range(after + 1, 12 - after), page.GetProperty("items").EnumerateArray().Select(Number));
            Assert.Equal(
                12 - after,
                page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()).Distinct().Count());
        }

        Assert.Equal([10, 11, 12], events.Seen.Select(message => Number(message.Json)));
    }

    private static int Number(JsonElement item) => int.Parse(item.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture);
}
