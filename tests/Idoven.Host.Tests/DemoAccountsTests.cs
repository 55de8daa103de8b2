using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests;

/// <summary>
/// Tests where demo users, demo clients and the password grant exist. Each host is a process, so that its start can fail.
/// </summary>
public sealed partial class DemoAccountsTests(RunningParts parts)
{
    private const int ConfigurationExitCode = 78;
    private const string All =
        "select (select count(*) from users.users) + (select count(*) from identity.accounts) + (select count(*) from identity.clients)";

    [Fact]
    public async Task Development_host_reachable_by_other_machines_has_no_demo_accounts_and_logs_one_warning()
    {
        var settings = await parts.OwnUnusedParts();
        var (address, urls) = AnyAddress();
        using var host = await HostProcess.Start(settings, urls);

        Assert.Contains("unsupported_grant_type", await AskForToken(address), StringComparison.Ordinal);
        Assert.Equal(0L, await Query(settings, All));
        Assert.Single(Warning().Matches(host.Log));
    }

    [Fact]
    public async Task Demo_Anywhere_creates_demo_accounts_on_a_host_reachable_by_other_machines()
    {
        var settings = await parts.OwnUnusedParts();
        var (address, urls) = AnyAddress();
        using var host = await HostProcess.Start(settings, urls, ("Demo:Anywhere", "true"));

        Assert.Contains("access_token", await AskForToken(address), StringComparison.Ordinal);
        Assert.DoesNotMatch(Warning(), host.Log);
    }

    [Fact]
    public async Task Caller_on_another_machine_gets_no_token_by_password_grant()
    {
        Assert.Contains("access_token", await AskForToken(parts.Host.Address), StringComparison.Ordinal);
        Assert.Contains("unauthorized_client", await AskForToken(parts.Host.Address, from: "203.0.113.9"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_outside_development_starts_on_a_seeded_database_only_after_the_demo_accounts_are_removed()
    {
        var settings = await parts.OwnUnusedParts();
        using (var development = await HostProcess.Start(settings))
        {
            using var gateway = development.Client(await GatewayToken(development.Address));
            await gateway.Submit();
            await Eventually.Holds(async () => await Query(settings, "select count(*) from identity.accounts where user_version = 1") == 4);
            await development.Stop();
        }

        // These are Production, and Development on a host reachable by other machines.
        await Stops(settings, "the environment is Production", ("environment", "Production"));
        await Stops(settings, "http://0.0.0.0:", AnyAddress().Urls);

        using (var verb = HostProcess.Run(Configuration(settings, ("environment", "Production")), ["demo-accounts", "remove"]))
        {
            var output = await verb.StandardOutput.ReadToEndAsync();
            await verb.WaitForExitAsync();
            Assert.Equal(0, verb.ExitCode);
            Assert.Contains("removed superadmin\n", output, StringComparison.Ordinal);
            Assert.Equal(0L, await Query(settings, All));
        }

        using (await HostProcess.Start(settings, ("environment", "Production")))
        {
            await Eventually.Holds(async () => await Query(settings, "select count(*) from ecgs.ecgs") == 0);
            await Eventually.Holds(async () => await Query(settings, "select count(*) from users.erased_parts") == 8);
        }

        // Removed accounts are not created again.
        using var later = await HostProcess.Start(settings);
        Assert.Equal(0L, await Query(settings, All));
    }

    private static async Task Stops(HostSettings settings, string reason, params (string Key, string Value)[] more)
    {
        using var process = HostProcess.Run(Configuration(settings, more));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            var errors = await process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            Assert.Equal(ConfigurationExitCode, process.ExitCode);
            Assert.Contains(
                "user, user2, admin, superadmin, demo-app, demo-gateway, demo-subscriber, idoven-cli", errors, StringComparison.Ordinal);
            Assert.Contains(reason, errors, StringComparison.Ordinal);
            Assert.Contains("demo-accounts remove", errors, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    private static Dictionary<string, string> Configuration(HostSettings settings, params (string Key, string Value)[] more)
    {
        var configuration = settings.AsConfiguration().ToDictionary();
        configuration["urls"] = $"http://127.0.0.1:{FreePort.Take()}";
        configuration["Management:Port"] = $"{FreePort.Take()}";
        foreach (var (key, value) in more)
        {
            configuration[key] = value;
        }

        return configuration;
    }

    /// <summary>Gets the setting for all addresses of the machine, and the address that a test uses to reach the host there.</summary>
    private static (Uri Address, (string Key, string Value) Urls) AnyAddress()
    {
        var port = FreePort.Take();
        return (new Uri($"http://127.0.0.1:{port}"), ("urls", $"http://0.0.0.0:{port}"));
    }

    private static Task<string> AskForToken(Uri address, string? from = null) => Ask(
        address, from,
        ("grant_type", "password"), ("client_id", "idoven-cli"), ("username", "user"), ("password", "user-demo-password"),
        ("scope", "ecgs:read"));

    private static async Task<string> GatewayToken(Uri address)
    {
        var response = await Ask(
            address, null,
            ("grant_type", "client_credentials"), ("client_id", "demo-gateway"), ("client_secret", "demo-gateway-secret"),
            ("scope", "ecgs:read ecgs:write"));
        return JsonElement.Parse(response).GetProperty("access_token").GetString()!;
    }

    private static async Task<string> Ask(Uri address, string? from, params (string Name, string Value)[] form)
    {
        using var client = new HttpClient { BaseAddress = address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        if (from is not null)
        {
            request.Headers.Add("X-Forwarded-For", from);
        }

        using var response = await client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<long> Query(HostSettings settings, string sql)
    {
        await using var database = NpgsqlDataSource.Create(settings.Admin);
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    [GeneratedRegex("no demo users, no demo clients and no password grant")]
    private static partial Regex Warning();
}
