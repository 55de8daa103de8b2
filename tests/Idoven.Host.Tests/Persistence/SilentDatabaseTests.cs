using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Persistence;

/// <summary>
/// A database that keeps its connections open, accepts new ones and does not respond: a frozen server, or a network that loses
/// packets.
/// </summary>
[Trait("Hosts", "one")]
public sealed class SilentDatabaseTests(RunningParts parts)
{
    // The service guarantees five seconds; three more allow for a machine that runs many tests at once.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task Requests_return_503_within_seconds_and_store_nothing_while_the_database_does_not_respond()
    {
        var settings = await parts.OwnParts();
        var address = new NpgsqlConnectionStringBuilder(settings.Admin);
        using var link = new TcpProxy(address.Host!, address.Port);
        var linked = new NpgsqlConnectionStringBuilder(settings.Admin) { Host = "127.0.0.1", Port = link.Port };
        await using var host = await RunningHost.Start(settings with { Admin = linked.ConnectionString });
        await using var admin = NpgsqlDataSource.Create(settings.Admin);
        using var owner = await host.NewOwner();
        var ecg = await owner.Submit();
        Assert.Equal("processed", await owner.EndStatus(ecg));
        using var superadmin = await host.Superadmin();
        var registered = await host.RegisterKnown(superadmin, TestUsers.NewName());
        var stored = await Stored(admin);
        using var client = new HttpClient(host.Handler()) { BaseAddress = host.Address };
        var requests = new Dictionary<string, Func<Task<HttpResponseMessage>>>
        {
            ["upload"] = () => owner.Upload(EcgCalls.Body(1, -1, 2)),
            ["upload with a key"] = () => UploadOnce(owner, "silent"),
            ["read"] = () => owner.GetAsync($"{EcgCalls.Route}/{ecg}/insights"),
            ["list"] = () => owner.GetAsync(EcgCalls.Route),
            ["signal"] = () => owner.GetAsync($"{EcgCalls.Route}/{ecg}/signal?lead=I"),
            ["delete"] = () => owner.DeleteAsync($"{EcgCalls.Route}/{ecg}"),
            ["user"] = () => superadmin.GetAsync($"{TestUsers.Route}/{registered.Id()}"),
            ["register"] = () =>
                superadmin.PostAsync(TestUsers.Route, TestUsers.Json($$"""{"username":"{{TestUsers.NewName()}}","role":"user"}""")),
            ["token"] = () => client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "password",
                ["client_id"] = "idoven-cli",
                ["username"] = "user",
                ["password"] = "user-demo-password",
                ["scope"] = "ecgs:read",
            })),
            ["activation"] = () =>
                client.PostAsync("/account/activate", JsonContent.Create(new { token = registered.Token(), password = TestUser.Password })),
        };

        link.Silence();
        var alone = await Task.WhenAll(requests.Select(request => Measure(request.Key, request.Value)));
        var together = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Measure("forty uploads at once", requests["upload"])));
        var last = await Measure("upload after them", requests["upload"]);
        var ready = await Measure("ready", () => host.Management.GetAsync("/health/ready"));

        foreach (var (name, status, retryAfter, took) in (Result[])[.. alone, together.MaxBy(result => result.Took)!, last, ready])
        {
            TestContext.Current.TestOutputHelper?.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture, $"{name}: {status} after {took.TotalSeconds:0.00} s, Retry-After {retryAfter}"));
        }

        Assert.All([.. alone, .. together, last], result =>
        {
            Assert.True(result.Status == HttpStatusCode.ServiceUnavailable, $"{result.Name} returned {result.Status}");
            Assert.True(result.RetryAfter > TimeSpan.Zero, $"{result.Name} has no Retry-After");
            Assert.True(result.Took < Limit, $"{result.Name} took {result.Took}");
        });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
        Assert.True(ready.Took < TimeSpan.FromSeconds(4), $"readiness took {ready.Took}");
        link.Restore();
        await Eventually.Holds(
            async () => (await owner.Upload(EcgCalls.Body(1, -1, 2))).StatusCode == HttpStatusCode.Accepted, TimeSpan.FromSeconds(15));
        Assert.Equal(stored with { Ecgs = stored.Ecgs + 1 }, await Stored(admin));
        await Eventually.Holds(async () => (await owner.GetAsync($"{EcgCalls.Route}/{ecg}/insights")).StatusCode == HttpStatusCode.OK);
        await Eventually.Holds(async () => (await requests["token"]()).StatusCode == HttpStatusCode.OK);
        await Eventually.Holds(async () => (await host.Readiness()).Code == HttpStatusCode.OK);
        await Eventually.Holds(async () => (await requests["activation"]()).StatusCode == HttpStatusCode.NoContent);
    }

    private static async Task<HttpResponseMessage> UploadOnce(HttpClient client, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, EcgCalls.Route) { Content = TestUsers.Json(EcgCalls.Body(1, -1, 2)) };
        request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    private static async Task<Result> Measure(string name, Func<Task<HttpResponseMessage>> send)
    {
        var since = Stopwatch.GetTimestamp();
        using var response = await send();
        return new Result(name, response.StatusCode, response.Headers.RetryAfter?.Delta, Stopwatch.GetElapsedTime(since));
    }

    private static async Task<Rows> Stored(NpgsqlDataSource admin)
    {
        await using var command = admin.CreateCommand(
            "select (select count(*) from ecgs.ecgs), (select count(*) from users.users), (select count(*) from ecgs.idempotency)");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new Rows(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    private sealed record Result(string Name, HttpStatusCode Status, TimeSpan? RetryAfter, TimeSpan Took);

    private sealed record Rows(long Ecgs, long Users, long Keys);
}
