using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;

namespace Idoven.Host.Tests.Messaging;

/// <summary>Tests the event feed on hosts with their own databases, so that the numbers start at 1.</summary>
public sealed class FeedTests(RunningParts parts)
{
    private const string Queue = "of-a-disconnected-subscriber";

    [Fact]
    public async Task A_disconnected_subscriber_gets_all_missed_events_from_the_feed_and_from_its_queue()
    {
        const int missed = 320; // More than one page of 300.
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings);
        using var owner = await host.NewOwner();
        using var subscriber = await host.NewOwner("events:read");
        await using (var before = await new ConnectionFactory { Uri = settings.Broker, ClientProvidedName = "test" }
            .CreateConnectionAsync())
        {
            await using var channel = await before.CreateChannelAsync();
            await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false);
            await channel.QueueBindAsync(Queue, "idoven.events", "#");
        }

        await Parallel.ForEachAsync(
            Enumerable.Range(0, missed), new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (i, _) => await owner.Submit(i, -i - 1));
        await using var after = await new ConnectionFactory { Uri = settings.Broker, ClientProvidedName = "test" }.CreateConnectionAsync();
        await using var reading = await after.CreateChannelAsync();
        await Eventually.Holds(async () => await reading.MessageCountAsync(Queue) == missed, within: TimeSpan.FromMinutes(2));
        var queued = new List<string>();
        while (await reading.BasicGetAsync(Queue, autoAck: true) is { } message)
        {
            queued.Add(Encoding.UTF8.GetString(message.Body.Span));
        }

        var fed = new List<JsonElement>();
        while (await subscriber.GetFromJsonAsync<JsonElement>($"/api/v1/events?after={fed.Count}&limit=300") is var page
            && page.GetProperty("items").GetArrayLength() > 0)
        {
            fed.AddRange(page.GetProperty("items").EnumerateArray());
            Assert.Equal(fed.Count, page.GetProperty("last").GetInt64());
        }

        Assert.Equal(Enumerable.Range(1, missed).Select(number => (long)number), fed.Select(Sequence));
        Assert.Equal(queued, fed.Select(item => item.GetRawText()));
    }

    [Fact]
    public async Task Feed_keeps_only_the_deletion_event_of_an_erased_ecg_and_has_no_gap_in_its_numbers()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings);
        using var owner = await host.NewOwner();
        using var subscriber = await host.NewOwner("events:read");
        var erased = await owner.Submit(1, -1);
        await owner.EndStatus(erased);
        var kept = await owner.Submit(1, -1);
        await owner.EndStatus(kept);
        await owner.DeleteAsync($"{EcgCalls.Route}/{erased}");
        var items = await Eventually.Finds(async () =>
        {
            var found = (await subscriber.GetFromJsonAsync<JsonElement>("/api/v1/events")).GetProperty("items").EnumerateArray().ToList();
            return found.Count == 3 ? found : null;
        });

        Assert.Equal([1L, 2L, 3L], items.Select(Sequence));
        Assert.Equal(
            ["idoven.ecg.deleted.v1", "idoven.ecg.processed.v1", "idoven.ecg.deleted.v1"],
            items.Select(item => item.GetProperty("type").GetString()));
        Assert.DoesNotContain(
            items, item => item.GetProperty("subject").GetGuid() == erased && item.GetProperty("data").TryGetProperty("leads", out _));
    }

    [Fact]
    public async Task Reading_from_a_deleted_event_returns_410()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings);
        using var owner = await host.NewOwner();
        using var subscriber = await host.NewOwner("events:read");
        for (var i = 0; i < 3; i++)
        {
            await owner.EndStatus(await owner.Submit());
        }

        await Eventually.Holds(async () =>
            await host.Query<long>("select count(*) from ecgs.outbox where is_public and sent_at is not null") == 3);
        await host.Execute("delete from ecgs.outbox where sequence = 1");

        await (await subscriber.GetAsync("/api/v1/events")).Problem(HttpStatusCode.Gone);
        var rest = await subscriber.GetFromJsonAsync<JsonElement>("/api/v1/events?after=1");
        Assert.Equal([2L, 3L], rest.GetProperty("items").EnumerateArray().Select(Sequence));
    }

    [Fact]
    public async Task Feed_requires_a_machine_client_with_its_scope()
    {
        using var owner = await parts.Host.NewOwner();
        using var user = await parts.Host.SignIn("user");

        await (await owner.GetAsync("/api/v1/events")).Problem(HttpStatusCode.Forbidden);
        await (await user.GetAsync("/api/v1/events")).Problem(HttpStatusCode.Forbidden);
        await (await parts.Host.Anonymous.GetAsync("/api/v1/events")).Problem(HttpStatusCode.Unauthorized);
    }

    [Theory, InlineData("after=-1"), InlineData("after=x"), InlineData("limit=0"), InlineData("limit=1001")]
    public async Task Invalid_query_returns_400(string query)
    {
        using var subscriber = await parts.Host.NewOwner("events:read");

        await (await subscriber.GetAsync($"/api/v1/events?{query}")).Problem(HttpStatusCode.BadRequest);
    }

    private static long Sequence(JsonElement item) => long.Parse(item.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture);
}
