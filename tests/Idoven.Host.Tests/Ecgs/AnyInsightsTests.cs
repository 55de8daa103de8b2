using System.Net;
using Idoven.Host.Tests.Parts;
using Idoven.Identity;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Ecgs;

/// <summary>
/// A client with access to all insights: the scope is granted on the host, covers insights only, and each read is in the access
/// log.
/// </summary>
public sealed class AnyInsightsTests(RunningParts parts)
{
    [Fact]
    public async Task Scope_granted_on_the_host_is_in_the_next_token()
    {
        using var admin = await parts.Host.Admin();
        var (id, known) = await admin.NewClient("ecgs:read");
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.MachineToken(id, known, "insights:read:any"));

        var granted = await RunClientVerb("grant", id, "insights:read:any", "events:read");

        var secret = granted["secret"];
        var token = await parts.Host.MachineToken(id, secret, "insights:read:any events:read ecgs:read");
        Assert.Equal(
            ["ecgs:read", "events:read", "insights:read:any"],
            new JsonWebToken(token).GetPayloadValue<string>("scope").Split(' ').Order(StringComparer.Ordinal));
        using var client = parts.Host.Client(token);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/events?limit=1")).StatusCode);

        Assert.Equal("ecgs:read events:read", (await RunClientVerb("revoke", id, "insights:read:any"))["scopes"]);
        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.MachineToken(id, secret, "insights:read:any"));
        await parts.Host.MachineToken(id, secret, "events:read");
    }

    [Fact]
    public async Task Administrator_cannot_get_a_secret_of_a_client_with_access_to_all_insights()
    {
        using var admin = await parts.Host.Admin();
        var (id, known) = await admin.NewClient("ecgs:read");
        var secret = (await RunClientVerb("grant", id, "insights:read:any"))["secret"];

        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.MachineToken(id, known, "ecgs:read"));
        await (await admin.PostAsync($"{TestClients.Route}/{id}/secrets", null)).Problem(HttpStatusCode.Forbidden);

        var rotated = (await RunClientVerb("secret", id))["secret"];
        await parts.Host.MachineToken(id, secret, "insights:read:any");
        await parts.Host.MachineToken(id, rotated, "insights:read:any");
        Assert.False((await RunClientVerb("grant", id, "events:read")).ContainsKey("secret"));
        await parts.Host.MachineToken(id, rotated, "events:read");
    }

    [Fact]
    public async Task Client_with_access_to_all_insights_reads_insights_of_every_owner_and_nothing_else()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit(1, -1, 2);
        var own = (await owner.Insights(ecg)).GetRawText();
        var registered = await RunClientVerb("register", "a reader", "insights:read:any");
        using var reader = parts.Host.Client(await parts.Host.MachineToken(registered["id"], registered["secret"], "insights:read:any"));

        var read = await reader.GetStringAsync($"{EcgCalls.Route}/{ecg}/insights");

        Assert.Equal(own, read);
        foreach (var address in new[]
        {
            EcgCalls.Route, $"{EcgCalls.Route}/{ecg}", $"{EcgCalls.Route}/{ecg}/signal?lead=I", "/api/v1/events",
        })
        {
            await (await reader.GetAsync(address)).Problem(HttpStatusCode.Forbidden);
        }

        await (await reader.DeleteAsync($"{EcgCalls.Route}/{ecg}")).Problem(HttpStatusCode.Forbidden);
        await (await reader.Upload(EcgCalls.Body(1))).Problem(HttpStatusCode.Forbidden);
        await (await reader.GetAsync($"{EcgCalls.Route}/{Guid.CreateVersion7()}/insights")).Problem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Each_read_stays_in_the_access_log_after_the_ecg_is_deleted()
    {
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        var (id, secret) = await NewReader();
        using var reader = parts.Host.Client(await parts.Host.MachineToken(id, secret, "insights:read:any"));

        var tag = (await reader.GetAsync($"{EcgCalls.Route}/{ecg}/insights")).Headers.ETag!;
        reader.DefaultRequestHeaders.IfNoneMatch.Add(tag);
        Assert.Equal(HttpStatusCode.NotModified, (await reader.GetAsync($"{EcgCalls.Route}/{ecg}/insights")).StatusCode);
        await Eventually.Holds(async () => await Reads() == 2);

        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);
        Assert.Equal(2L, await Reads());

        Task<long> Reads() => parts.Host.Query<long>(
            "select coalesce(sum(count), 0)::bigint from ecgs.accesses where ecg_id = $1 and client_id = $2"
            + " and subject = 'client:' || client_id and action = 'ecg.read_insights'",
            ecg, id);
    }

    [Theory]
    [InlineData(64, "grant")]
    [InlineData(64, "register", "a client")]
    [InlineData(64, "register", "a client", "operations")]
    [InlineData(64, "grant", "demo-gateway", "clients:manage")]
    [InlineData(64, "forget", "demo-gateway")]
    [InlineData(1, "grant", "idoven-cli", "events:read")]
    [InlineData(1, "revoke", "unknown", "events:read")]
    [InlineData(1, "secret", "unknown")]
    public async Task Client_verb_rejects_unknown_clients_scopes_and_words(int exitCode, params string[] words) =>
        Assert.Equal(exitCode, (await Run(words)).ExitCode);

    [Fact]
    public async Task Client_verb_lists_every_machine_client()
    {
        using var admin = await parts.Host.Admin();
        var (id, _) = await admin.NewClient("ecgs:read", "ecgs:write");

        var lines = (await Run("list")).Output.Split('\n');

        Assert.Contains($"{id}  ecgs:read ecgs:write  a client of a test", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("idoven-cli", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Client_verb_works_beside_a_running_host()
    {
        using var process = HostProcess.Run(
            parts.Settings.AsConfiguration().ToDictionary(), ["client", "register", "a client", "ecgs:read"]);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);

        Assert.Equal((0, ""), (process.ExitCode, await errors));
        Assert.Matches("^id {6}[0-9a-f-]{36}\nsecret {2}idvs_[0-9A-Za-z]{49}\nscopes {2}ecgs:read\n$", output);
    }

    private async Task<(string Id, string Secret)> NewReader()
    {
        var client = await RunClientVerb("register", "a reader", "insights:read:any");
        return (client["id"], client["secret"]);
    }

    /// <summary>Runs the client verb, which must succeed.</summary>
    /// <returns>The printed values by their names.</returns>
    private async Task<Dictionary<string, string>> RunClientVerb(params string[] words)
    {
        var (exitCode, output) = await Run(words);
        Assert.Equal(0, exitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim());
    }

    private async Task<(int ExitCode, string Output)> Run(params string[] words)
    {
        using var output = new StringWriter();
        var exitCode = await IdentityModule.RunClientVerb(
            parts.Host.Services, words, TextReader.Null, output, TextWriter.Null, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString());
    }
}
