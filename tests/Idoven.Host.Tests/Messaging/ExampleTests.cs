using System.Text;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Idoven.Identity;
using RabbitMQ.Client;

namespace Idoven.Host.Tests.Messaging;

/// <summary>Runs the subscribers of examples/, which sign in at the broker as the user of a subscriber.</summary>
public sealed class ExampleTests(RunningParts parts)
{
    [Theory, InlineData("python"), InlineData("javascript"), InlineData("csharp")]
    public async Task Subscriber_prints_an_event_once_and_reports_missed_events(string language)
    {
        Programs.SkipIfMissing(ExampleSubscriber.Lacks(language));
        const long later = 1_000_000_000;
        await using var events = await WatchingQueue.OfEvents(parts.Broker.Uri);
        using var subscriber = await ExampleSubscriber.Start(language, parts.Broker.Subscriber);
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();

        var seen = await events.Event("ecg.processed.v1", ecg);
        var lines = (await subscriber.LinesTo(ecg.ToString())).ToList();
        await Send(language, seen.Body);
        await Send(language, Encoding.UTF8.GetBytes($$"""{"id":"{{Guid.NewGuid()}}","sequence":"{{later}}","data":null}"""));
        lines.AddRange(await subscriber.LinesTo($"to {later - 1}"));

        Assert.StartsWith(
            "ecg.processed.v1 ", Assert.Single(lines, line => line.Contains(ecg.ToString(), StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.StartsWith("missed ", lines[^1], StringComparison.Ordinal);
    }

    [Theory, InlineData("python"), InlineData("javascript"), InlineData("csharp")]
    public async Task Subscriber_gets_events_that_were_published_while_it_was_stopped(string language)
    {
        Programs.SkipIfMissing(ExampleSubscriber.Lacks(language));
        (await ExampleSubscriber.Start(language, parts.Broker.Subscriber)).Dispose();
        await using var events = await WatchingQueue.OfEvents(parts.Broker.Uri);
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await events.Event("ecg.processed.v1", ecg);

        using var again = await ExampleSubscriber.Start(language, parts.Broker.Subscriber);

        await again.LinesTo(ecg.ToString());
    }

    /// <summary>On one host, because the program has only one address.</summary>
    [Fact, Trait("Hosts", "one")]
    public async Task Subscriber_with_access_to_all_insights_reads_the_insights_of_an_event()
    {
        Programs.SkipIfMissing(ExampleSubscriber.Lacks("python"));
        using var printed = new StringWriter();
        await IdentityModule.RunClientVerb(
            parts.Host.Services, ["register", "a follower", "insights:read:any"], TextReader.Null, printed, TextWriter.Null,
            TestContext.Current.CancellationToken);
        var client = printed.ToString()
            .Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Take(2)
            .ToDictionary(pair => pair[0], pair => pair[1]);
        using var follower = await ExampleSubscriber.StartFollowing(
            parts.Broker.Subscriber, parts.Host.Address, client["id"], client["secret"]);
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit(1, -1, 2);

        var lines = await follower.LinesTo(ecg.ToString());

        Assert.Equal(
            (await owner.Insights(ecg)).GetProperty("engineVersion").GetString(),
            JsonElement.Parse(lines[^1].Split(' ', 2)[1]).GetProperty("engineVersion").GetString());
        await Eventually.Holds(async () =>
            await parts.Host.Query<long>(
                "select count(*) from ecgs.accesses where ecg_id = $1 and client_id = $2", ecg, client["id"]) >= 1);
    }

    /// <summary>Sends a message directly to the subscriber's queue.</summary>
    private async Task Send(string language, byte[] body)
    {
        await using var connection = await new ConnectionFactory { Uri = parts.Broker.Uri, ClientProvidedName = "test" }
            .CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.BasicPublishAsync("", $"sub.demo.{language}", mandatory: true, body: body);
    }
}
