using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>
/// A host with its own database and broker. One row of <c>ecgs</c> that is due in two days sets the samples of the backlog, and
/// one row of <c>analysis_hosts</c> the rate of one sample a second, so that the limit is 900 samples.
/// </summary>
public sealed class BoundedHost(RunningParts parts) : IAsyncLifetime
{
    /// <summary>Gets the host in a process of its own, because its gauges are read and hosts of one process share them.</summary>
    internal HostProcess Host { get; private set; } = null!;

    /// <summary>Gets a host with only Identity on the same database and broker, which registers owners.</summary>
    internal RunningHost Identity { get; private set; } = null!;

    internal IBroker Broker { get; private set; } = null!;

    internal Guid Waiting { get; private set; }

    public async ValueTask InitializeAsync()
    {
        (var settings, Broker) = await parts.OwnServers();
        Host = await HostProcess.Start(settings);
        Identity = await RunningHost.Start(settings, ("Modules:Enabled", "identity"));
        using var owner = await NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        Waiting = (await Identity.Copy(ecg, 1, ("next_attempt_at", "now() + interval '2 days'")))[0];

        // The rate that the host measures would depend on the machine.
        await Identity.Execute(
            $"""
            update ecgs.analysis_hosts set samples_per_second = 0;
            create function ecgs.slow() returns trigger language plpgsql as $$ begin new.samples_per_second = 0; return new; end $$;
            create trigger slow before insert or update on ecgs.analysis_hosts for each row when (new.id <> '{Guid.Empty}')
              execute function ecgs.slow();
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await Identity.DisposeAsync();
        Host.Dispose();
    }

    internal async Task<HttpClient> NewOwner() => Host.Client(await Identity.NewOwnerToken("ecgs:read ecgs:write"));
}

/// <summary>Tests the limit of the backlog: the responses past it, and requests that it does not affect.</summary>
public sealed class BacklogTests(BoundedHost bounded) : IClassFixture<BoundedHost>, IAsyncLifetime
{
    private readonly RunningHost database = bounded.Identity;
    private HttpClient owner = null!;
    private Guid processed;

    public async ValueTask InitializeAsync()
    {
        await SetRate(1);
        await SetWaiting(1);
        owner = await bounded.NewOwner();
        processed = await owner.Submit();
        Assert.Equal("processed", await owner.EndStatus(processed));
    }

    public ValueTask DisposeAsync()
    {
        owner.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Upload_past_the_backlog_limit_returns_503_with_Retry_After_and_stores_nothing()
    {
        const string stored =
            "select (select count(*) from ecgs.ecgs) + (select count(*) from ecgs.owners) + (select count(*) from ecgs.idempotency)";
        await SetWaiting(905);
        var before = await database.Query<long>(stored);
        using var otherOwner = await bounded.NewOwner();
        otherOwner.DefaultRequestHeaders.Add("Idempotency-Key", "new");
        using var response = await Upload(otherOwner, EcgCalls.Body(1, -1));
        var problem = await response.Problem(HttpStatusCode.ServiceUnavailable);
        Assert.Contains("wait for the analysis", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 4, 5);
        Assert.Equal(before, await database.Query<long>(stored));

        await SetWaiting(1_000_000);
        Assert.Equal(60, (await Upload(owner, EcgCalls.Body(1))).Headers.RetryAfter!.Delta!.Value.TotalSeconds);

        await SetWaiting(900);
        Assert.Equal(HttpStatusCode.Accepted, (await Upload(otherOwner, EcgCalls.Body(1, -1))).StatusCode);
    }

    [Fact]
    public async Task Upload_past_the_backlog_limit_is_rejected_before_its_body_is_sent()
    {
        await SetWaiting(1_000);
        using var client = new TcpClient();
        await client.ConnectAsync(bounded.Host.Address.Host, bounded.Host.Address.Port);
        await using var stream = client.GetStream();
        var token = owner.DefaultRequestHeaders.Authorization!.Parameter;
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {EcgCalls.Route} HTTP/1.1\r\nHost: {bounded.Host.Address.Authority}\r\nAuthorization: Bearer {token}\r\n"
            + "Content-Type: application/json\r\nContent-Length: 100000000\r\n\r\n"));
        using var reader = new StreamReader(stream);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Assert.Equal("HTTP/1.1 503 Service Unavailable", await reader.ReadLineAsync(deadline.Token));

        // The server does not read the whole body: it closes or resets the connection.
        try
        {
            while (await reader.ReadLineAsync(deadline.Token) is not null)
            {
            }
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
        }
    }

    [Fact]
    public async Task Repeated_upload_gets_its_response_past_the_backlog_limit()
    {
        owner.DefaultRequestHeaders.Add("Idempotency-Key", "known");
        using var first = await Upload(owner, EcgCalls.Body(1, -1));
        await SetWaiting(1_000);

        using var again = await Upload(owner, EcgCalls.Body(1, -1));
        Assert.Equal((HttpStatusCode.Accepted, first.Headers.Location), (again.StatusCode, again.Headers.Location));
        await (await Upload(owner, EcgCalls.Body(2))).Problem(HttpStatusCode.UnprocessableEntity);

        // The same key of another owner is a new upload.
        using var otherOwner = await bounded.NewOwner();
        otherOwner.DefaultRequestHeaders.Add("Idempotency-Key", "known");
        await (await Upload(otherOwner, EcgCalls.Body(1, -1))).Problem(HttpStatusCode.ServiceUnavailable);
        await database.Execute("update ecgs.idempotency set created_at = created_at - interval '25 hours'");
        await (await Upload(owner, EcgCalls.Body(1, -1))).Problem(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Invalid_headers_return_the_same_error_past_the_backlog_limit()
    {
        await SetWaiting(1_000);
        using var text = await owner.PostAsync(EcgCalls.Route, new StringContent(EcgCalls.Body(1), Encoding.UTF8, "text/plain"));
        await text.Problem(HttpStatusCode.UnsupportedMediaType);
        using var client = bounded.Host.Client(owner.DefaultRequestHeaders.Authorization!.Parameter);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Idempotency-Key", "two words");
        await (await Upload(client, EcgCalls.Body(1))).Problem(HttpStatusCode.BadRequest);
        using var anonymous = bounded.Host.Client();
        await (await Upload(anonymous, EcgCalls.Body(1))).Problem(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Uploads_are_not_rejected_without_a_measured_rate()
    {
        await SetWaiting(1_000);
        await SetRate(0);
        await Eventually.Holds(async () => await Gauge("ecgs_drain") is null);
        Assert.Equal(HttpStatusCode.Accepted, (await Upload(owner, EcgCalls.Body(1))).StatusCode);
    }

    [Fact]
    public async Task Uploads_are_accepted_while_the_broker_is_unavailable_and_analysed_after_its_return()
    {
        await SetWaiting(1_000);
        await (await Upload(owner, EcgCalls.Body(1))).Problem(HttpStatusCode.ServiceUnavailable);
        await bounded.Broker.Stop();
        var accepted = new List<Guid>();
        try
        {
            await Eventually.Holds(async () => (await Upload(owner, EcgCalls.Body(1))).StatusCode == HttpStatusCode.Accepted);
            for (var i = 0; i < 70; i++)
            {
                accepted.Add(await owner.Submit(i, -i));
            }

            Assert.Equal(0, await database.Messages([.. accepted]));
        }
        finally
        {
            await bounded.Broker.Start();
        }

        await Eventually.Holds(async () => await database.Processed([.. accepted]) == accepted.Count);
        Assert.Equal(accepted.Count, await database.Messages([.. accepted]));
        await (await Upload(owner, EcgCalls.Body(1))).Problem(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Reprocessing_waits_until_the_backlog_is_below_half_its_limit()
    {
        await database.Execute($"update ecgs.insight_sets set engine_version = '0.9.0' where ecg_id = '{processed}'");
        await SetWaiting(460);
        using var wish = await owner.PostAsync($"{EcgCalls.Route}/{processed}/reprocess", null);
        Assert.Equal("queued", (await wish.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());

        // Later uploads are analysed, so the dispatcher has run and has skipped the reprocessing.
        for (var turn = 0; turn < 2; turn++)
        {
            Assert.Equal("processed", await owner.EndStatus(await owner.Submit()));
        }

        Assert.True(
            await database.Query<bool>(
                "select status = 'queued' and is_reprocessing and dispatched_at is null from ecgs.ecgs where id = $1", processed));
        await SetWaiting(440);
        Assert.Equal("processed", await owner.EndStatus(processed));
        Assert.True(await database.Query<bool>("select not is_reprocessing from ecgs.ecgs where id = $1", processed));
        Assert.Equal(2, await database.Messages(processed));
    }

    private static Task<HttpResponseMessage> Upload(HttpClient client, string body) => client.Upload(body);

    /// <summary>Sets the number of samples of the waiting ECG, and waits until the host has measured it.</summary>
    private async Task SetWaiting(long samples)
    {
        await database.Execute($"update ecgs.ecgs set samples = {samples} where id = '{bounded.Waiting}'");
        await Eventually.Holds(async () => await Gauge("ecgs_waiting_samples") == samples && await Gauge("ecgs_drain") == 1);
        Assert.Equal(1, await Gauge("ecgs_waiting"));
        Assert.Equal(0, await Gauge("ecgs_waiting_oldest_seconds"));
    }

    private Task SetRate(int samplesPerSecond) => database.Execute(
        $"""
        insert into ecgs.analysis_hosts (id, consumers, samples_per_second, seen_at)
        values ('{Guid.Empty}', 1, {samplesPerSecond}, now() + interval '1 day')
        on conflict (id) do update set samples_per_second = excluded.samples_per_second
        """);

    /// <returns>The value of the metric, or null if it is absent.</returns>
    private async Task<double?> Gauge(string name)
    {
        var metric = Regex.Match(await bounded.Host.Management.GetStringAsync("/metrics"), $@"(?m)^{name}(\{{.*\}})? (\S+)");
        return metric.Success ? double.Parse(metric.Groups[2].Value, CultureInfo.InvariantCulture) : null;
    }
}
