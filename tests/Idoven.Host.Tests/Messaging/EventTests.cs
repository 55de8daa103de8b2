using System.Diagnostics;
using System.Globalization;
using System.Net;
using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;

namespace Idoven.Host.Tests.Messaging;

/// <summary>Tests the public events of an upload.</summary>
public sealed class EventTests(RunningParts parts)
{
    [Fact]
    public async Task Processed_ecg_is_published_as_a_CloudEvent()
    {
        await using var events = await WatchingQueue.OfEvents(parts.Broker.Uri);
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit(1, -1, 1);

        var seen = await events.Event("ecg.processed.v1", ecg);

        Assert.Equal("application/cloudevents+json", seen.Properties.ContentType);
        Assert.Equal(DeliveryModes.Persistent, seen.Properties.DeliveryMode);
        var body = seen.Json;
        Assert.Equal(
            ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "sequence", "data"],
            body.EnumerateObject().Select(member => member.Name));
        Assert.Equal("1.0", body.GetProperty("specversion").GetString());
        Assert.Equal(seen.Id, body.GetProperty("id").GetString());
        Assert.Equal("/idoven/ecgs", body.GetProperty("source").GetString());
        Assert.Equal("idoven.ecg.processed.v1", body.GetProperty("type").GetString());
        var data = body.GetProperty("data");
        Assert.Equal(ecg, data.GetProperty("ecgId").GetGuid());
        Assert.Equal("""[{"name":"I","samples":3,"zeroCrossings":2}]""", data.GetProperty("leads").GetRawText());
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(data.GetProperty("insightsUrl").GetString())).StatusCode);
        Assert.DoesNotContain("masstransit", System.Text.Encoding.UTF8.GetString(seen.Body), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Deletion_event_follows_the_processed_event_of_the_ecg()
    {
        await using var events = await WatchingQueue.OfEvents(parts.Broker.Uri);
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        await owner.DeleteAsync($"{EcgCalls.Route}/{ecg}");

        await events.Event("ecg.deleted.v1", ecg);

        Assert.Equal(["ecg.processed.v1", "ecg.deleted.v1"], events.FindMessages(ecg).Select(message => message.RoutingKey));
    }

    [Fact]
    public async Task Sequence_numbers_have_no_gaps_or_duplicates_under_load()
    {
        const int uploads = 60;
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings);
        await using var standby = await RunningHost.Start(settings);
        await using var events = await WatchingQueue.OfEvents(settings.Broker);
        using var owner = await host.NewOwner();

        await Task.WhenAll(Enumerable.Range(0, uploads).Select(i => owner.Submit(i, -i)));
        await Eventually.Holds(() => Task.FromResult(events.Seen.Count == uploads));

        Assert.Equal(Enumerable.Range(1, uploads).Select(number => (long)number), Numbers(events));
        Assert.Equal(uploads, events.Seen.Select(message => message.Id).Distinct().Count());
    }

    [Fact]
    public async Task Deleting_ecgs_right_after_their_analysis_leaves_no_gaps_duplicates_or_unsent_events()
    {
        const int clients = 6;
        const int uploadsEach = 40;
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings);
        await using var events = await WatchingQueue.OfEvents(settings.Broker);
        using var owner = await host.NewOwner();

        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => UploadAndDelete(isDeleting: client % 3 != 0)));
        await host.AssertEverythingSentWithoutHole();

        var last = await host.Query<long>("select last from ecgs.event_sequence");
        Assert.InRange(last, clients * uploadsEach, clients * uploadsEach * 2);
        await Eventually.Holds(() => Task.FromResult(events.Seen.Count >= last));
        Assert.Equal(Enumerable.Range(1, (int)last).Select(number => (long)number), Numbers(events));

        async Task UploadAndDelete(bool isDeleting)
        {
            for (var i = 0; i < uploadsEach; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, EcgCalls.Route)
                {
                    Content = TestUsers.Json(EcgCalls.Body(1, -1, i)),
                };
                request.Headers.Add("Prefer", "wait=5");
                using var response = await owner.SendAsync(request);
                if (response.StatusCode != HttpStatusCode.Created)
                {
                    // The relay has stopped, which the assertions below report.
                    return;
                }

                if (!isDeleting)
                {
                    continue;
                }

                var id = response.Headers.Location!.OriginalString.Split('/')[^1];
                Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{EcgCalls.Route}/{id}")).StatusCode);
            }
        }
    }

    [Fact]
    public async Task One_trace_leads_from_the_request_to_the_event()
    {
        var spans = new List<Activity>();
        var trace = ActivityTraceId.CreateRandom();
        using var listener = new ActivityListener
        {
            // The listener gets the activities of all hosts in this process, and must not change their traces.
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "MassTransit" or "Idoven.Ecgs" or "Idoven.Messaging",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var events = await WatchingQueue.OfEvents(parts.Broker.Uri);
        using var owner = await parts.Host.NewOwner();
        owner.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");

        var ecg = await owner.Submit();
        var seen = await events.Event("ecg.processed.v1", ecg);

        Assert.Contains(
            trace.ToString(), System.Text.Encoding.UTF8.GetString((byte[])seen.Properties.Headers!["traceparent"]!),
            StringComparison.Ordinal);
        await Eventually.Holds(() => Task.FromResult(Names().Contains("idoven.events publish")));
        Assert.Superset(
            new HashSet<string>
            {
                "Microsoft.AspNetCore.Hosting.HttpRequestIn", "Idoven.Ecgs.Contracts:EcgSubmitted publish", "ecgs-process-ecg receive",
                "analyse", "idoven.events publish",
            },
            Names());

        HashSet<string> Names()
        {
            lock (spans)
            {
                return [.. spans.Where(span => span.TraceId == trace).Select(span => span.OperationName)];
            }
        }
    }

    private static List<long> Numbers(WatchingQueue events) =>
        [.. events.Seen.Select(message => long.Parse(message.Json.GetProperty("sequence").GetString()!, CultureInfo.InvariantCulture))];
}
