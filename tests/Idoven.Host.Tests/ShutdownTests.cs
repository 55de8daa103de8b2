using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests;

/// <summary>Tests a host process that receives SIGTERM.</summary>
[Trait("Hosts", "one")]
public sealed class ShutdownTests(SeparateParts parts) : IClassFixture<SeparateParts>
{
    [Fact]
    public async Task After_SIGTERM_the_host_is_unready_serves_during_the_drain_and_finishes_open_requests()
    {
        var drain = TimeSpan.FromSeconds(8);
        var settings = parts.Settings;
        using var host = await HostProcess.Start(settings, ("Host:Drain", $"{drain}"));
        await using var admin = NpgsqlDataSource.Create(settings.Admin);

        // No analysis ends, so a client that waits for one waits its whole time.
        await Execute(
            admin,
            """
            create function ecgs.never() returns trigger language plpgsql as $$ begin raise 'broken by a test'; end $$;
            create trigger never before insert on ecgs.insight_sets for each row execute function ecgs.never();
            """);
        var stored = await Count(admin, "select count(*) from ecgs.ecgs");
        using var owner = host.Client(await Token(host));
        using var slowOwner = host.Client(owner.DefaultRequestHeaders.Authorization!.Parameter);
        using var body = new SlowBody(EcgCalls.Body([.. Enumerable.Range(0, 60_000).Select(place => place % 7)]));
        var slow = slowOwner.PostAsync(EcgCalls.Route, body);
        await body.IsBegun;
        using var request = new HttpRequestMessage(HttpMethod.Post, EcgCalls.Route)
        {
            Content = TestUsers.Json(EcgCalls.Body(1, -1, 2)),
            Headers = { { "Prefer", "wait=30" } },
        };
        var waiting = owner.SendAsync(request);
        await Eventually.Holds(async () => await Count(admin, "select count(*) from ecgs.ecgs") == stored + 1);

        var since = Stopwatch.GetTimestamp();
        host.Terminate();

        using (var response = await waiting)
        {
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            Note("the waiting client got 202 after", since);
            Assert.True(Stopwatch.GetElapsedTime(since) < drain, "the waiting client did not get its answer at the start of the drain");
        }

        await Eventually.Holds(async () => (await host.Management.Readiness()).Checks.ContainsKey("draining"));
        Note("readiness was false after", since);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.Management.Readiness()).Code);
        using (var late = host.Client(owner.DefaultRequestHeaders.Authorization.Parameter))
        {
            var id = await late.Submit();
            await Eventually.Holds(
                async () => await Count(admin, $"select count(*) from ecgs.outbox where key = '{id}' and sent_at is not null") > 0, drain);
            Note("an upload during the drain was accepted and its message sent after", since);
        }

        await Eventually.Holds(async () => !await Accepts(host.Address));
        Note("the listener closed after", since);
        Assert.InRange(Stopwatch.GetElapsedTime(since), drain - TimeSpan.FromSeconds(0.5), drain + TimeSpan.FromSeconds(10));
        body.SendRest();
        using (var response = await slow)
        {
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        }

        Assert.Equal(0, await host.WaitForExit(TimeSpan.FromSeconds(40)));
        Note("the process ended with exit code 0 after", since);
        Assert.Equal(stored + 3, await Count(admin, "select count(*) from ecgs.ecgs"));
        await Execute(admin, "drop function ecgs.never cascade");
    }

    [Fact]
    public async Task A_second_SIGTERM_skips_the_drain()
    {
        var settings = parts.Settings;
        using var host = await HostProcess.Start(settings, ("Host:Drain", "00:10:00"));
        var since = Stopwatch.GetTimestamp();
        host.Terminate();
        await Eventually.Holds(async () => (await host.Management.Readiness()).Checks.ContainsKey("draining"));

        host.Terminate();

        Assert.Equal(0, await host.WaitForExit(TimeSpan.FromSeconds(40)));
        Note("the process ended with exit code 0 after", since);
    }

    [Fact]
    public async Task Requests_that_take_longer_than_the_limit_are_cut_off_and_the_host_ends_with_exit_code_0()
    {
        var settings = parts.Settings;
        using var host = await HostProcess.Start(settings, ("Host:ShutdownLimit", "00:00:02"));
        using var owner = host.Client(await Token(host));
        using var body = new SlowBody(EcgCalls.Body([.. Enumerable.Range(0, 60_000).Select(place => place % 7)]));
        var slow = owner.PostAsync(EcgCalls.Route, body);
        await body.IsBegun;
        var since = Stopwatch.GetTimestamp();

        host.Terminate();

        Assert.Equal(0, await host.WaitForExit(TimeSpan.FromSeconds(20)));
        Note("the process ended with exit code 0 after", since);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => slow);
    }

    private static async Task<string> Token(HostProcess host)
    {
        using var client = host.Client();
        using var response = await client.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = "idoven-cli",
            ["username"] = "user",
            ["password"] = "user-demo-password",
            ["scope"] = "ecgs:read ecgs:write",
        }));
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    private static async Task<bool> Accepts(Uri address)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<long> Count(NpgsqlDataSource admin, string sql)
    {
        await using var command = admin.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task Execute(NpgsqlDataSource admin, string sql)
    {
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static void Note(string what, long since) => TestContext.Current.TestOutputHelper?.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{what} {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00} s"));

    /// <summary>
    /// A JSON body that is sent at 4 KB/s, and its rest on demand. The server ends a request whose body arrives slower than 240 bytes a
    /// second.
    /// </summary>
    private sealed class SlowBody : HttpContent
    {
        private const int ChunkSize = 1024;
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
        private readonly byte[] bytes;
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource rest = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SlowBody(string json)
        {
            bytes = Encoding.UTF8.GetBytes(json);
            Headers.ContentType = new("application/json");
        }

        public Task IsBegun => begun.Task;

        public void SendRest() => rest.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var sent = 0;
            while (!rest.Task.IsCompleted && sent + ChunkSize < bytes.Length)
            {
                await stream.WriteAsync(bytes.AsMemory(sent, ChunkSize));
                await stream.FlushAsync();
                sent += ChunkSize;
                begun.TrySetResult();
                await Task.WhenAny(rest.Task, Task.Delay(Pause));
            }

            await stream.WriteAsync(bytes.AsMemory(sent));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
