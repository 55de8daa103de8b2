using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

public sealed class WaitingTests(RunningParts parts)
{
    [Fact]
    public async Task A_client_that_waits_gets_the_insights_with_201()
    {
        using var owner = await parts.Host.NewOwner();

        using var response = await Upload(owner, "wait=30");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("wait=30", response.Headers.GetValues("Preference-Applied").Single());
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        var insights = answer["insights"]!;
        Assert.Equal(2, insights["leads"]![0]!["zeroCrossings"]!["total"]!.GetValue<int>());
        Assert.True(JsonNode.DeepEquals(insights, JsonNode.Parse(await owner.GetStringAsync($"{response.Headers.Location}/insights"))));
        answer.Remove("insights");
        Assert.Equal($"{EcgCalls.Route}/{answer["id"]}", response.Headers.Location?.OriginalString);
        Assert.True(JsonNode.DeepEquals(answer, JsonNode.Parse(await owner.GetStringAsync(response.Headers.Location))));
        Assert.Equal("processed", answer["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Client_that_waits_on_one_host_gets_insights_of_an_analysis_on_another()
    {
        var settings = await parts.OwnParts();
        await using var working = await RunningHost.Start(settings);

        // The uploads go to this host; both hosts consume the queue, so the other one analyses some of them.
        await using var front = await RunningHost.Start(settings);
        using var owner = await front.NewOwner();
        var responses = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Upload(owner, "wait=20")));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.Created, response.StatusCode));
    }

    [Fact]
    public async Task Upload_returns_202_when_its_wait_expires()
    {
        using var owner = await parts.Host.NewOwner();

        using var response = await Upload(owner, "respond-async, wait=0");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("wait=0", response.Headers.GetValues("Preference-Applied").Single());
    }

    [Fact]
    public async Task A_wait_of_more_than_30_s_is_shortened_to_30_s()
    {
        using var owner = await parts.Host.NewOwner();

        using var response = await Upload(owner, "wait=31");

        Assert.Equal("wait=30", response.Headers.GetValues("Preference-Applied").Single());
    }

    [Fact]
    public async Task Repeated_upload_can_wait_for_the_insights()
    {
        using var owner = await parts.Host.NewOwner();
        await Upload(owner, prefer: null, key: "k");

        using var response = await Upload(owner, "wait=30", key: "k");

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact, Trait("Hosts", "one")]
    public async Task Repeated_upload_that_waits_holds_no_database_connection()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings);
        using var connections = new UsedConnections(settings);
        using var owner = await host.NewOwner();
        using var first = await Upload(owner, prefer: null, key: "k");
        await owner.EndStatus((await first.Content.ReadFromJsonAsync<JsonElement>()).Id());
        await host.Execute("update ecgs.ecgs set status = 'queued', processed_at = null");

        var replay = Upload(owner, "wait=30", key: "k");

        // One statement checks all waiting requests: the server lists it once there is one.
        await Eventually.Holds(async () =>
            await host.Query<long>(
                "select count(*) from pg_stat_activity where datname = current_database() and query like 'select id from unnest(%'") > 0);
        Assert.Equal(0, connections.Count());
        await host.Execute("update ecgs.ecgs set status = 'processed', processed_at = now()");
        Assert.Equal(HttpStatusCode.Created, (await replay).StatusCode);
    }

    [Fact, Trait("Hosts", "one"), Trait(LimitedResourceTests.Trait, "requests that wait for insights")]
    public async Task Owner_uses_three_quarters_of_the_waiting_slots_and_others_can_still_wait()
    {
        const int places = 100;
        const int ofOneOwner = 10;
        const int atOnce = 5;
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings, ("Ecgs:UploadsPerCaller", "256"));
        using var active = new ActiveRequests(host);
        using var owner = await host.NewOwner();
        HttpClient[] others = [await host.NewOwner(), await host.NewOwner()];
        var keys = await Keys(owner, places);
        var keysOfOthers = new List<(HttpClient Other, string Key)>();
        foreach (var other in others)
        {
            keysOfOthers.AddRange((await Keys(other, ofOneOwner)).Select(key => (other, key)));
        }

        await host.Execute("update ecgs.ecgs set status = 'queued', processed_at = null, dispatched_at = now()");

        var waiting = new List<Task<HttpResponseMessage>>();
        foreach (var some in keys.Chunk(atOnce))
        {
            waiting.AddRange(some.Select(key => Upload(owner, "wait=30", key)));
            await Eventually.Holds(() => Task.FromResult(active.Count == waiting.Count(response => !response.IsCompleted)));
        }

        await Eventually.Holds(() => Task.FromResult(waiting.Count(response => response.IsCompleted) == places / 4));
        var waitingToo = keysOfOthers.Select(upload => Upload(upload.Other, "wait=30", upload.Key)).ToList();
        using var alsoServed = await others[0].GetAsync(EcgCalls.Route);
        Assert.Equal(HttpStatusCode.OK, alsoServed.StatusCode);
        await host.Execute("update ecgs.ecgs set status = 'processed', processed_at = now()");

        Assert.All(await Task.WhenAll(waitingToo), response => Assert.Equal(HttpStatusCode.Created, response.StatusCode));
        await Task.WhenAll(waiting);

        async Task<string[]> Keys(HttpClient client, int count)
        {
            var made = Enumerable.Range(0, count).Select(i => $"key-{i}").ToArray();
            foreach (var some in made.Chunk(atOnce))
            {
                var ids = await Task.WhenAll(some.Select(async key =>
                    (await (await EcgCalls.UntilAccepted(() => Upload(client, prefer: null, key)))
                        .Content.ReadFromJsonAsync<JsonElement>()).Id()));
                await Task.WhenAll(ids.Select(id => client.EndStatus(id)));
            }

            return made;
        }
    }

    private static Task<HttpResponseMessage> Upload(HttpClient client, string? prefer, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, EcgCalls.Route)
        {
            Content = new StringContent(EcgCalls.Body(1, -1, 1), Encoding.UTF8, "application/json"),
        };
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return client.SendAsync(request);
    }
}
