using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

public sealed class IdempotencyTests(RunningParts parts)
{
    public static TheoryData<string> MalformedKeys => ["", "two words", new string('k', 256)];

    [Fact]
    public async Task Twenty_concurrent_uploads_with_one_key_store_one_ecg_and_get_equal_responses()
    {
        await using var second = await RunningHost.Start(parts.Settings);
        var token = await parts.Host.NewOwnerToken("ecgs:read ecgs:write");
        using var here = parts.Host.Client(token);
        using var there = second.Client(token);

        var responses = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => Upload(i % 2 == 0 ? here : there, "same", EcgCalls.Body(1, -1))));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.Accepted, response.StatusCode));
        Assert.Single(responses.Select(response => response.Headers.Location).Distinct());
        var ids = await Task.WhenAll(
            responses.Select(async response => (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid()));
        Assert.Single(ids.Distinct());
        Assert.Equal(1, await here.CountEcgs());
    }

    [Fact]
    public async Task Another_body_with_the_same_key_returns_422_and_stores_nothing()
    {
        using var owner = await parts.Host.NewOwner();
        await Upload(owner, "k", EcgCalls.Body(1));

        await (await Upload(owner, "k", EcgCalls.Body(2))).Problem(HttpStatusCode.UnprocessableEntity);

        Assert.Equal(1, await owner.CountEcgs());
    }

    [Fact]
    public async Task Same_key_of_another_owner_stores_another_ecg()
    {
        using var owner = await parts.Host.NewOwner();
        using var other = await parts.Host.NewOwner();

        var first = await Upload(owner, "k", EcgCalls.Body(1));
        var second = await Upload(other, "k", EcgCalls.Body(1));

        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        Assert.NotEqual(first.Headers.Location, second.Headers.Location);
    }

    [Fact]
    public async Task Rejected_request_does_not_use_up_its_key()
    {
        using var owner = await parts.Host.NewOwner();
        await (await Upload(owner, "k", "{}")).Problem(HttpStatusCode.BadRequest);

        Assert.Equal(HttpStatusCode.Accepted, (await Upload(owner, "k", EcgCalls.Body(1))).StatusCode);
    }

    [Fact]
    public async Task A_key_is_valid_for_a_day()
    {
        using var owner = await parts.Host.NewOwner();
        var first = await Upload(owner, "today", EcgCalls.Body(1));
        await parts.Host.Execute("update ecgs.idempotency set created_at = created_at - interval '23 hours' where key = 'today'");

        Assert.Equal(first.Headers.Location, (await Upload(owner, "today", EcgCalls.Body(1))).Headers.Location);
        await (await Upload(owner, "today", EcgCalls.Body(2))).Problem(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task A_key_belongs_to_the_client_through_which_a_user_acts()
    {
        var person = await parts.Host.NewPerson();
        using var owner = await parts.Host.SignIn(person);
        using var browser = new Browser(parts.Host);
        using var elsewhere = parts.Host.Client((await parts.Host.Tokens(browser, await parts.Host.NewApp(), person)).AccessToken);

        var first = await Upload(owner, "k", EcgCalls.Body(1));
        var second = await Upload(elsewhere, "k", EcgCalls.Body(2));

        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        Assert.NotEqual(first.Headers.Location, second.Headers.Location);
        Assert.Equal(2, await owner.CountEcgs());
    }

    [Fact]
    public async Task After_a_day_the_key_is_free_again()
    {
        using var owner = await parts.Host.NewOwner();
        var first = await Upload(owner, "day-old", EcgCalls.Body(1));
        await parts.Host.Execute("update ecgs.idempotency set created_at = created_at - interval '25 hours' where key = 'day-old'");

        var second = await Upload(owner, "day-old", EcgCalls.Body(2));

        Assert.Equal(HttpStatusCode.Accepted, second.StatusCode);
        Assert.NotEqual(first.Headers.Location, second.Headers.Location);
    }

    [Fact]
    public async Task The_keys_of_an_erased_user_are_deleted()
    {
        var person = await parts.Host.NewPerson();
        using var owner = await parts.Host.SignIn(person);
        await Upload(owner, "k", EcgCalls.Body(1));
        Assert.Equal(1L, await Keys());

        using var superadmin = await parts.Host.Superadmin();
        await superadmin.DeleteAsync($"{TestUsers.Route}/{person.Id}");

        await Eventually.Holds(async () => await Keys() == 0);

        Task<long> Keys() => parts.Host.Query<long>("select count(*) from ecgs.idempotency where subject = $1", $"{person.Id}");
    }

    [Fact]
    public async Task Repeated_upload_of_a_deleted_ecg_returns_404_and_stores_nothing()
    {
        using var owner = await parts.Host.NewOwner();
        var first = await Upload(owner, "k", EcgCalls.Body(1));
        await owner.DeleteAsync(first.Headers.Location);

        await (await Upload(owner, "k", EcgCalls.Body(1))).Problem(HttpStatusCode.NotFound);

        Assert.Equal(0, await owner.CountEcgs());
    }

    [Theory, MemberData(nameof(MalformedKeys))]
    public async Task Malformed_key_returns_400(string key)
    {
        using var owner = await parts.Host.NewOwner();

        await (await Upload(owner, key, EcgCalls.Body(1))).Problem(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Uploads_repeated_after_a_host_is_killed_store_one_ecg_for_each_key()
    {
        var settings = await parts.OwnParts();
        await using var next = await RunningHost.Start(settings);
        var token = await next.NewOwnerToken("ecgs:read ecgs:write");
        using var onNext = next.Client(token);
        using var killed = await HostProcess.Start(settings);
        using var onKilled = killed.Client(token);
        var bodies = Enumerable.Range(0, 20).Select(i => EcgCalls.Body(i + 1, -i)).ToList();

        // Each body is sent repeatedly until the host is killed; then the same keys are sent to the next host.
        var sending = bodies.Select((body, i) => SendUntilKilled(onKilled, $"key-{i}", body)).ToList();
        await Eventually.Holds(async () => await next.Query<long>("select count(*) from ecgs.ecgs") >= 5);
        killed.Kill();
        var before = await Task.WhenAll(sending);
        var after = await Task.WhenAll(
            bodies.Select(async (body, i) => (await EcgCalls.UntilAccepted(() => Upload(onNext, $"key-{i}", body))).Headers.Location));

        Assert.Equal(bodies.Count, after.Distinct().Count());
        Assert.Equal((long)bodies.Count, await next.Query<long>("select count(*) from ecgs.ecgs"));
        Assert.All(before.Zip(after), pair => Assert.All(pair.First, location => Assert.Equal(pair.Second, location)));
    }

    /// <returns>The locations in the responses. A busy host stores nothing and returns 503.</returns>
    private static async Task<IReadOnlyList<Uri?>> SendUntilKilled(HttpClient client, string key, string body)
    {
        var locations = new List<Uri?>();
        try
        {
            while (true)
            {
                using var response = await Upload(client, key, body);
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    locations.Add(response.Headers.Location);
                }
            }
        }
        catch (HttpRequestException)
        {
            return locations;
        }
    }

    private static Task<HttpResponseMessage> Upload(HttpClient client, string key, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, EcgCalls.Route)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        Assert.True(request.Headers.TryAddWithoutValidation("Idempotency-Key", key));
        return client.SendAsync(request);
    }
}
