using System.Collections.Concurrent;
using System.Net;
using Idoven.Ecgs;
using Idoven.Host.Tests.Parts;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>Tests the shares of one caller in the resources of uploads: a caller at its maximum is rejected while others upload.</summary>
[Trait("Hosts", "one")]
public sealed class UploadShareTests(RunningParts parts)
{
    private const int Share = 8;
    private const int Others = 20;
    private const int BlockSamples = 65_536;

    [Fact]
    [Trait(LimitedResourceTests.Trait, "uploads in progress")]
    public async Task A_caller_has_eight_uploads_in_progress_while_others_upload_and_more_while_it_is_alone()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings, ("Ecgs:UploadsPerCaller", $"{Share}"));
        using var connections = new UsedConnections(settings);
        using var caller = await host.NewOwner();
        using var other = await host.NewOwner();
        var slow = Enumerable.Range(0, Share + 1).Select(_ => new SlowBody(EcgCalls.Body(1, -1))).ToList();
        var responses = new List<Task<HttpResponseMessage>>();
        foreach (var body in slow)
        {
            // No other caller uploads, so one more than the share is accepted.
            responses.Add(await body.Upload(caller));
        }

        await EcgCalls.UploadsInProgress(host, slow.Count);
        await Eventually.Holds(() => Task.FromResult(connections.Count() == 0));
        await SucceedForOthers(other);
        using var rejected = await caller.Upload(EcgCalls.Body(1));
        await AssertAtShare(rejected, "This caller has 8 uploads in progress, which is the maximum while others need them.");
        Assert.All(responses, response => Assert.False(response.IsCompleted));

        slow.ForEach(body => body.Finish());
        Assert.All(await Task.WhenAll(responses), response => Assert.Equal(HttpStatusCode.Accepted, response.StatusCode));
        Assert.Equal(HttpStatusCode.Accepted, (await caller.Upload(EcgCalls.Body(1))).StatusCode);
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "uploads in progress")]
    public async Task Upload_beyond_the_limit_of_the_host_returns_503()
    {
        await using var host = await RunningHost.Start(parts.Settings, ("Ecgs:Uploads", "2"), ("Ecgs:UploadsPerCaller", "1"));
        using var first = await host.NewOwner();
        using var second = await host.NewOwner();
        using var third = await host.NewOwner();
        var slow = new[] { new SlowBody(EcgCalls.Body(1, -1)), new SlowBody(EcgCalls.Body(1, -1)) };
        var responses = new[] { await slow[0].Upload(first), await slow[1].Upload(second) };
        await EcgCalls.UploadsInProgress(host, slow.Length);

        using var rejected = await third.Upload(EcgCalls.Body(1));

        Assert.Equal(
            "This host has 2 uploads in progress, which is the maximum.",
            (await rejected.Problem(HttpStatusCode.ServiceUnavailable)).GetProperty("detail").GetString());
        Assert.Equal(TimeSpan.FromSeconds(5), rejected.Headers.RetryAfter?.Delta);
        Array.ForEach(slow, body => body.Finish());
        Assert.All(await Task.WhenAll(responses), response => Assert.Equal(HttpStatusCode.Accepted, response.StatusCode));
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "turns of uploads")]
    public async Task Uploads_take_turns_with_those_of_a_caller_with_a_thousand_waiting_uploads()
    {
        const int many = 1000;
        const int turnsOfOneUpload = 8;
        await using var host = await RunningHost.Start(parts.Settings);
        using var other = await host.NewOwner();

        // The type is internal to the module, and the host tests do not see its internals.
        var type = typeof(EcgsModule).Assembly.GetType("Idoven.Ecgs.Api.Upload.UploadGate", throwOnError: true)!;
        var gate = host.Services.GetRequiredService(type);
        var countWaiting = type.GetProperty("Waiting")!.GetMethod!.CreateDelegate<Func<int>>(gate);
        var read = type.GetMethod("Read")!.CreateDelegate<Func<string, CancellationToken, Task<IDisposable>>>(gate);
        var held = new ConcurrentQueue<IDisposable>();
        var waiting = Enumerable.Range(0, many).Select(_ => Hold()).ToList();
        var turns = 0;

        for (var i = 0; i < Others; i++)
        {
            var upload = other.Upload(EcgCalls.Body(1));
            while (!upload.IsCompleted)
            {
                // Whenever the upload waits, end one turn of the other caller.
                await Eventually.Holds(() => Task.FromResult(upload.IsCompleted || IsWaiting()));
                if (IsWaiting() && held.TryDequeue(out var turn))
                {
                    turn.Dispose();
                    turns++;
                }
            }

            Assert.Equal(HttpStatusCode.Accepted, (await upload).StatusCode);
        }

        Assert.InRange(turns, Others, Others * turnsOfOneUpload);
        while (!waiting.TrueForAll(one => one.IsCompleted))
        {
            while (held.TryDequeue(out var turn))
            {
                turn.Dispose();
            }

            await Task.Yield();
        }

        bool IsWaiting() => countWaiting() > waiting.Count(one => !one.IsCompleted);

        async Task Hold() => held.Enqueue(await read("many", TestContext.Current.CancellationToken));
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "memory for uploads")]
    public async Task Caller_at_its_share_of_the_upload_memory_gets_429_and_others_upload()
    {
        // Noise is not compressible: two of its blocks use half of the budget of 1 MiB, and another third of a block exceeds
        // three quarters.
        await using var host = await RunningHost.Start(parts.Settings, ("Ecgs:SignalBudgetBytes", $"{1 << 20}"));
        using var caller = await host.NewOwner();
        using var other = await host.NewOwner();
        var held = new SlowBody(EcgCalls.Body(NoiseSamples(2 * BlockSamples)), last: 3);
        var response = await held.Upload(caller);
        await Eventually.Holds(async () =>
        {
            using var more = await caller.Upload(EcgCalls.Body(NoiseSamples(2 * BlockSamples)));
            if (more.StatusCode == HttpStatusCode.TooManyRequests)
            {
                return true;
            }

            // The upload whose blocks were encoded first keeps the memory: it was this one, so the other is repeated.
            held.Finish();
            (await response).Dispose();
            held = new SlowBody(EcgCalls.Body(NoiseSamples(2 * BlockSamples)), last: 3);
            response = await held.Upload(caller);
            return false;
        });

        await SucceedForOthers(other);
        using var rejected = await caller.Upload(EcgCalls.Body(NoiseSamples(2 * BlockSamples)));
        await AssertAtShare(
            rejected, "The uploads of this caller in progress are too large while other callers need memory; nothing was stored.");

        held.Finish();
        Assert.Equal(HttpStatusCode.Accepted, (await response).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await caller.Upload(EcgCalls.Body(NoiseSamples(BlockSamples)))).StatusCode);
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "stored samples")]
    public async Task Sample_quota_of_an_owner_holds_for_concurrent_uploads_and_does_not_affect_other_owners()
    {
        await using var host = await RunningHost.Start(parts.Settings, ("Ecgs:SamplesPerOwner", "10"));
        using var owner = await host.NewOwner();
        var first = await owner.Submit(new int[6]);
        using var tooMany = await owner.Upload(EcgCalls.Body(new int[5]));
        await AssertQuotaExceeded(
            tooMany,
            "The owner's ECGs have 6 samples and may have 10;"
            + " nothing was stored. Delete ECGs, or ask the operator of the installation.");

        using var filling = RequestWithKey(EcgCalls.Body(new int[4]));
        Assert.Equal(HttpStatusCode.Accepted, (await owner.SendAsync(filling)).StatusCode);
        using var full = await owner.Upload("not even JSON");
        await AssertQuotaExceeded(
            full,
            "The owner's ECGs have 10 samples and may have 10;"
            + " nothing was stored. Delete ECGs, or ask the operator of the installation.");
        using var repeated = RequestWithKey(EcgCalls.Body(new int[4]), filling.Headers.GetValues("Idempotency-Key").Single());
        Assert.Equal(HttpStatusCode.Accepted, (await owner.SendAsync(repeated)).StatusCode);

        using var other = await host.NewOwner();
        await other.Submit(new int[10]);

        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{EcgCalls.Route}/{first}")).StatusCode);
        var statuses = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(async _ => (await owner.Upload(EcgCalls.Body(new int[3]))).StatusCode));
        Assert.Equal(
            (2, 4),
            (statuses.Count(status => status == HttpStatusCode.Accepted), statuses.Count(status => status == HttpStatusCode.Forbidden)));
    }

    [Fact]
    public async Task Sample_quota_counts_an_ecg_of_an_earlier_version_by_its_leads()
    {
        await using var host = await RunningHost.Start(parts.Settings, ("Ecgs:SamplesPerOwner", "10"));
        using var owner = await host.NewOwner();
        var ecg = await owner.Submit(new int[6]);
        await owner.EndStatus(ecg);
        await host.Execute($"update ecgs.ecgs set samples = 0 where id = '{ecg}'");

        using var tooMany = await owner.Upload(EcgCalls.Body(new int[5]));

        await tooMany.Problem(HttpStatusCode.Forbidden);
    }

    [Fact]
    [Trait(LimitedResourceTests.Trait, "memory for uploads")]
    public async Task Body_that_stops_arriving_returns_408_and_stores_nothing()
    {
        var clock = new ImpatientClock(SlowBody.PaceWindow);
        await using var host = await RunningHost.StartAt(clock, parts.Settings);
        var token = await host.NewOwnerToken("ecgs:read ecgs:write");
        using var owner = host.Client(token);
        clock.IsImpatient = true;

        using var response = await StalledUpload.Send(host.Ecgs, token, EcgCalls.Body(1, -1));

        clock.IsImpatient = false;
        var problem = await response.Problem(HttpStatusCode.RequestTimeout);
        Assert.Equal(
            "Less than 10000 bytes per second arrived over 30 seconds; nothing was stored.", problem.GetProperty("detail").GetString());
        Assert.True(response.Headers.ConnectionClose);
        Assert.Equal(0, await owner.CountEcgs());
    }

    private static async Task SucceedForOthers(HttpClient other)
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var got = new List<HttpStatusCode>();
            for (var i = 0; i < Others / 4; i++)
            {
                got.Add((await other.Upload(EcgCalls.Body(1, -1))).StatusCode);
            }

            return got;
        }));
        Assert.All(statuses.SelectMany(status => status), status => Assert.Equal(HttpStatusCode.Accepted, status));
    }

    private static async Task AssertAtShare(HttpResponseMessage response, string detail)
    {
        var problem = await response.Problem(HttpStatusCode.TooManyRequests);
        Assert.Equal(
            ("/problems/too-many-at-once", detail), (problem.GetProperty("type").GetString(), problem.GetProperty("detail").GetString()));
        Assert.Equal(TimeSpan.FromSeconds(5), response.Headers.RetryAfter?.Delta);
    }

    private static async Task AssertQuotaExceeded(HttpResponseMessage response, string detail)
    {
        var problem = await response.Problem(HttpStatusCode.Forbidden);
        Assert.Equal(
            ("/problems/quota-exceeded", detail), (problem.GetProperty("type").GetString(), problem.GetProperty("detail").GetString()));
    }

    private static HttpRequestMessage RequestWithKey(string body, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, EcgCalls.Route)
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", key ?? $"{Guid.NewGuid()}");
        return request;
    }

    private static int[] NoiseSamples(int samples)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, samples).Select(_ => random.Next(int.MinValue, int.MaxValue))];
    }
}
