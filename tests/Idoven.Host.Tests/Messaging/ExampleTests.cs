using System.Text;
using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;

namespace Idoven.Host.Tests.Messaging;

/// <summary>The subscribers of examples/, each with the subscriber's own user at the broker.</summary>
public sealed class ExampleTests(RunningParts parts)
{
    [Theory, InlineData("python"), InlineData("javascript"), InlineData("csharp")]
    public async Task A_subscriber_prints_an_event_once_and_says_what_it_missed(string language)
    {
        SkipWhere(language);
        const long later = 1_000_000_000;
        await using var events = await WatchingQueue.OfEvents(parts.Broker.Uri);
        using var subscriber = await ExampleSubscriber.Start(language, parts.Broker.Subscriber.AbsoluteUri);
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();

        var seen = await events.Event("ecg.processed.v1", ecg);
        var lines = (await subscriber.LinesTo(ecg.ToString())).ToList();
        await Send(language, seen.Body);
        await Send(language, Encoding.UTF8.GetBytes($$"""{"id":"{{Guid.NewGuid()}}","sequence":"{{later}}","data":null}"""));
        lines.AddRange(await subscriber.LinesTo($"to {later - 1}"));

        Assert.StartsWith("ecg.processed.v1 ", Assert.Single(lines, line => line.Contains(ecg.ToString(), StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.StartsWith("missed ", lines[^1], StringComparison.Ordinal);
    }

    [Theory, InlineData("python"), InlineData("javascript"), InlineData("csharp")]
    public async Task A_subscriber_that_was_off_is_told_what_came_meanwhile(string language)
    {
        SkipWhere(language);
        (await ExampleSubscriber.Start(language, parts.Broker.Subscriber.AbsoluteUri)).Dispose();
        await using var events = await WatchingQueue.OfEvents(parts.Broker.Uri);
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await events.Event("ecg.processed.v1", ecg);

        using var again = await ExampleSubscriber.Start(language, parts.Broker.Subscriber.AbsoluteUri);

        await again.LinesTo(ecg.ToString());
    }

    private static void SkipWhere(string language)
    {
        if (ExampleSubscriber.Lacks(language) is { } reason)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null, reason);
            Assert.Fail(reason);
        }
    }

    /// <summary>Straight into the subscriber's queue.</summary>
    private async Task Send(string language, byte[] body)
    {
        await using var connection = await new ConnectionFactory { Uri = parts.Broker.Uri, ClientProvidedName = "test" }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.BasicPublishAsync("", $"sub.demo.{language}", mandatory: true, body: body);
    }
}
