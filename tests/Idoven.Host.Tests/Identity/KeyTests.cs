using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Idoven.Ecgs.Contracts;
using Idoven.Host.Tests.Parts;
using Idoven.Identity;
using Idoven.Shared.Web.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace Idoven.Host.Tests.Identity;

/// <summary>Represents two hosts with all modules and one with Ecgs alone, with keys that no other test uses.</summary>
public sealed class KeyHosts(RunningParts parts) : IAsyncLifetime
{
    internal HostSettings Settings { get; private set; } = null!;

    internal RunningHost First { get; private set; } = null!;

    internal RunningHost Second { get; private set; } = null!;

    /// <summary>Gets the host with Ecgs alone, which reads the keys that Identity publishes.</summary>
    internal RunningHost Ecgs { get; private set; } = null!;

    internal RunningHost[] All => [First, Second, Ecgs];

    public async ValueTask InitializeAsync()
    {
        Settings = await parts.OwnParts();
        First = await RunningHost.Start(Settings);
        Second = await RunningHost.Start(Settings);
        Ecgs = await RunningHost.Start(
            Settings, ("Modules:Enabled", "Ecgs"),
            ("Auth:MetadataAddress", new Uri(First.Address, ".well-known/openid-configuration").AbsoluteUri));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in All)
        {
            await host.DisposeAsync();
        }
    }
}

[Collection(nameof(SerialCollection))]
public sealed class KeyTests(RunningParts parts, KeyHosts hosts) : IClassFixture<KeyHosts>, IAsyncLifetime
{
    private const int ConfigurationExitCode = 78;
    /// <summary>
    /// "Within seconds" (docs/keys.md): a host with Identity reads the keys every second, and a host without it reads the published keys
    /// every two seconds.
    /// </summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(5);

    /// <summary>Waits until all hosts have read the changes that the previous test made to the keys.</summary>
    public async ValueTask InitializeAsync()
    {
        foreach (var host in hosts.All)
        {
            await Ring(host).ReadAgain(TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Keys_rotate_automatically_and_tokens_stay_valid()
    {
        var tokens = await SignIn(hosts.First);
        var published = await Published(hosts.First);

        await hosts.First.Execute(
            "update identity.keys set created_at = created_at - interval '91 days', activated_at = activated_at - interval '91 days', "
                + "retired_at = retired_at - interval '91 days'");
        await Eventually.Holds(
            async () =>
                Kid(await hosts.First.NewOwnerToken("ecgs:read")) != Kid(tokens)
                    && Kid(await hosts.Second.NewOwnerToken("ecgs:read")) != Kid(tokens));

        // The new key was published before it signed a token; the old one stays valid until all tokens that it signed have expired.
        Assert.Contains(Kid(await hosts.Second.NewOwnerToken("ecgs:read")), published);
        await AssertAnswers(HttpStatusCode.OK, tokens.AccessToken);
        Assert.Equal(3, (await Published(hosts.First)).Count);
        Assert.Equal(await Published(hosts.First), await Published(hosts.Second));
        var refreshed = await Refresh(hosts.Second, tokens);
        await AssertAnswers(HttpStatusCode.OK, refreshed.AccessToken);

        await hosts.First.Execute("update identity.keys set retired_at = retired_at - interval '15 days'");
        await Eventually.Holds(async () => (await Answers(tokens.AccessToken)).All(status => status == HttpStatusCode.Unauthorized));
        Assert.DoesNotContain(Kid(tokens), await Published(hosts.First));
        Assert.Equal(2, (await Published(hosts.First)).Count);
        Assert.Equal(["key.retire host due", "key.remove host due"], (await Recorded(Kid(tokens)))[^2..]);
        await AssertAnswers(HttpStatusCode.OK, refreshed.AccessToken);
        await Refresh(hosts.First, refreshed);
    }

    /// <summary>
    /// Rotates twice in a row, so that only the host that signs has read the key, and repeats this if another host happened to read it at
    /// that moment.
    /// </summary>
    // A host without Identity reads the keys from one with it, which publishes the next key long before it
    // signs: the test does not wait for that.
    [Fact, Trait("Hosts", "one")]
    public async Task Host_reads_keys_again_before_it_rejects_a_token_with_an_unknown_key()
    {
        var tokens = await SignIn(hosts.First);
        var surprised = new HashSet<(RunningHost Host, string By)>();
        for (var round = 0; surprised.Count < 3; round++)
        {
            Assert.True(round < 100, $"hosts were surprised {surprised.Count} times only");
            await Keys("rotate");
            var active = Id(await Keys("rotate"), "signing", "active");
            await Ring(hosts.First).ReadAgain(TestContext.Current.CancellationToken);
            tokens = await Refresh(hosts.First, tokens);
            Assert.Equal(active, Kid(tokens));

            Watch(hosts.Ecgs, "access token", active);
            Watch(hosts.Second, round % 2 == 0 ? "access token" : "refresh token", active);
            if (round % 2 == 0)
            {
                await AssertAnswers(HttpStatusCode.OK, tokens.AccessToken);
            }
            else
            {
                tokens = await Refresh(hosts.Second, tokens);
                await AssertAnswers(HttpStatusCode.OK, tokens.AccessToken);
            }
        }

        void Watch(RunningHost host, string by, string key)
        {
            if (Ring(host).Keys.All(known => known.KeyId != key))
            {
                surprised.Add((host, by));
            }
        }
    }

    // A host without Identity reads the keys from one with it, which publishes the next key long before it
    // signs: the test does not wait for that.
    [Fact, Trait("Hosts", "one")]
    public async Task Tokens_with_an_invented_key_cause_limited_reads_of_keys_and_delay_no_other_request()
    {
        using var made = RSA.Create(2048);
        var credentials = new SigningCredentials(
            new RsaSecurityKey(made) { KeyId = "made-up" }, SecurityAlgorithms.RsaSsaPssSha256);
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = hosts.Settings.Issuer,
            Audience = EcgsScopes.Audience,
            SigningCredentials = credentials,
        });
        using var client = hosts.First.Client(token);
        using var owner = await hosts.First.NewOwner();
        var reads = 0;
        using var listening = WhenKeysAreRead(() => Interlocked.Increment(ref reads));
        var since = Stopwatch.GetTimestamp();

        var asking = Task.WhenAll(Enumerable.Range(0, 400).Select(_ => client.GetAsync(EcgCalls.Route)));
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(EcgCalls.Route)).StatusCode);
        var responses = await asking;

        var elapsed = Stopwatch.GetElapsedTime(since);
        Assert.All(responses, response => Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode));
        TestContext.Current.SendDiagnosticMessage(
            $"{responses.Length} tokens by a made-up key: {reads} readings in {elapsed.TotalMilliseconds:0} ms, of two hosts");

        // Each of the two hosts reads once a second anyway, and one of them up to four times a second for these tokens,
        // which share each read.
        Assert.InRange(elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.InRange(reads, 1, (elapsed.TotalSeconds + 1) * 6);
    }

    [Fact]
    public async Task Keys_command_is_recorded_in_the_audit_log()
    {
        var (active, next) = (Key("active", await Keys("list")), Key("next", await Keys("list")));

        await Keys("rotate");
        var made = Key("next", await Keys("list"));
        await Keys("revoke", next);

        Assert.Equal(["key.make host", "key.activate host"], (await Recorded(made))[..2]);
        Assert.Equal("key.retire host", (await Recorded(active))[^1]);
        Assert.Equal(["key.activate host", "key.revoke host"], (await Recorded(next))[^2..]);

        static string Key(string state, string[] lines) => Id(lines, "signing", state);
    }

    [Theory, InlineData("signing"), InlineData("encryption")]
    public async Task Tokens_signed_or_encrypted_with_a_revoked_key_are_rejected(string use)
    {
        var tokens = await SignIn(hosts.First);

        var left = await Keys("revoke", Id(await Keys("list"), use, "active"));
        var since = Stopwatch.GetTimestamp();
        await Eventually.Holds(async () => use == "signing"
            ? (await Answers(tokens.AccessToken)).All(status => status == HttpStatusCode.Unauthorized)
            : await SealsWith(hosts.First) == Id(left, use, "active") && await SealsWith(hosts.Second) == Id(left, use, "active"));
        var felt = Stopwatch.GetElapsedTime(since);

        TestContext.Current.SendDiagnosticMessage($"a revoked {use} key: felt by all hosts after {felt.TotalMilliseconds:0} ms");
        Assert.InRange(felt, TimeSpan.Zero, Promised);
        Assert.Equal("invalid_grant", await hosts.First.TokenError(Form(tokens)));
        Assert.Equal("invalid_grant", await hosts.Second.TokenError(Form(tokens)));
        var again = await SignIn(hosts.Second);
        Assert.Equal(Id(left, "signing", "active"), Kid(again));
        await AssertAnswers(HttpStatusCode.OK, again.AccessToken);
        await Refresh(hosts.First, again);
        Assert.Single(
            left, line => line.Contains($"{use}  ", StringComparison.Ordinal) && line.Contains("  next", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Revoking_an_unknown_or_malformed_key_id_changes_nothing()
    {
        var keys = await Keys("list");
        using var errors = new StringWriter();

        var unknown = await IdentityModule.RunKeysVerb(
            hosts.First.Services, ["revoke", Id(keys, "signing", "active"), $"{Guid.NewGuid():N}"], TextWriter.Null, errors,
            TestContext.Current.CancellationToken);
        var misspelt = await IdentityModule.RunKeysVerb(
            hosts.First.Services, ["revoke", "all"], TextWriter.Null, errors, TestContext.Current.CancellationToken);

        Assert.Equal((1, 64), (unknown, misspelt));
        Assert.Contains("nothing was changed", errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(keys, await Keys("list"));
    }

    [Fact]
    public async Task Hosts_that_start_concurrently_create_one_key_ring()
    {
        var settings = await EmptyDatabase();

        var started = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RunningHost.Start(settings)));

        Assert.Equal(4L, await started[0].Query<long>("select count(*) from identity.keys"));
        Assert.Equal(1L, await started[0].Query<long>("select count(*) from identity.data_protection_keys"));
        Assert.Single((await Task.WhenAll(started.Select(async host => string.Join(' ', await Published(host))))).Distinct());
        foreach (var host in started)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Wrong_master_key_changes_no_key_and_a_lost_one_requires_new_keys()
    {
        var settings = await EmptyDatabase();
        string owner;
        await using (var host = await RunningHost.Start(settings))
        {
            owner = await host.NewOwnerToken("ecgs:read");
        }

        var other = settings with { MasterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) };
        var rotated = await Run(other, "rotate");
        var listed = await Run(other, "list");
        Assert.Equal(ConfigurationExitCode, rotated.ExitCode);
        Assert.StartsWith("idoven: Auth:MasterKey does not open the keys in the database", rotated.Errors, StringComparison.Ordinal);
        Assert.Contains("docs/keys.md", rotated.Errors, StringComparison.Ordinal);
        Assert.Equal(0, listed.ExitCode);
        Assert.Equal(listed.Output, (await Run(settings, "list")).Output);

        // The steps are those of docs/keys.md.
        await ExecuteIn(settings, "delete from identity.data_protection_keys");
        var ids = listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(' ')[0]);
        Assert.Equal(0, (await Run(other, ["revoke", .. ids])).ExitCode);
        await using var again = await RunningHost.Start(other);
        using var refused = again.Client(owner);
        using var client = await again.NewOwner();
        Assert.Equal(HttpStatusCode.Unauthorized, (await refused.GetAsync(EcgCalls.Route)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(EcgCalls.Route)).StatusCode);
        Assert.Equal("Sign in", (await new Browser(again).Get((await again.NewApp()).Authorize())).Heading);
    }

    [Fact]
    public async Task Published_keys_contain_no_private_part_have_a_use_and_are_cached_for_a_minute()
    {
        using var response = await hosts.First.Anonymous.GetAsync("/.well-known/jwks");

        var keys = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("keys").EnumerateArray().ToList();
        Assert.NotEmpty(keys);
        Assert.All(
            keys, key => Assert.Equal(["alg", "e", "kid", "kty", "n", "use"], key.EnumerateObject().Select(member => member.Name).Order()));
        Assert.All(
            keys,
            key => Assert.Equal(
                ("PS256", "sig", "RSA"),
                (key.GetProperty("alg").GetString(), key.GetProperty("use").GetString(), key.GetProperty("kty").GetString())));
        Assert.Equal("public, max-age=60", response.Headers.CacheControl?.ToString());
        Assert.Equal(
            "public, max-age=60",
            (await hosts.First.Anonymous.GetAsync("/.well-known/openid-configuration")).Headers.CacheControl?.ToString());
    }

    private static IssuerKeys Ring(RunningHost host) => host.Services.GetRequiredService<IssuerKeys>();

    private static Task<TokenResponse> SignIn(RunningHost host) =>
        host.Token("user", "user-demo-password", "openid offline_access ecgs:read");

    private static Dictionary<string, string> Form(TokenResponse tokens) =>
        new() { ["grant_type"] = "refresh_token", ["client_id"] = "idoven-cli", ["refresh_token"] = tokens.RefreshToken! };

    private static Task<TokenResponse> Refresh(RunningHost host, TokenResponse tokens) => host.Token(Form(tokens));

    /// <summary>Returns the id of the key in the clear-text header of a refresh token.</summary>
    private static async Task<string> SealsWith(RunningHost host) => Kid((await SignIn(host)).RefreshToken!);

    private static string Kid(TokenResponse tokens) => Kid(tokens.AccessToken);

    private static string Kid(string token) => new JsonWebToken(token).Kid;

    private static async Task<List<string>> Published(RunningHost host) =>
        [.. (await host.Anonymous.GetFromJsonAsync<JsonElement>("/.well-known/jwks"))
            .GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("kid").GetString()!)];

    private static string Id(IEnumerable<string> lines, string use, string state) =>
        lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Single(words => words[1] == use && words[3] == state)[0];

    private async Task<HttpStatusCode[]> Answers(string token) => await Task.WhenAll(hosts.All.Select(async host =>
    {
        using var client = host.Client(token);
        return (await client.GetAsync(EcgCalls.Route)).StatusCode;
    }));

    private async Task AssertAnswers(HttpStatusCode expected, string token) =>
        Assert.All(await Answers(token), status => Assert.Equal(expected, status));

    /// <summary>Returns the audit actions on a key with their actors, oldest first.</summary>
    private Task<string[]> Recorded(string key) => hosts.First.Query<string[]>(
        "select array_agg(concat_ws(' ', action, subject, reason, client_id, host(address)) order by id) from identity.audit "
            + "where target = $1",
        $"{Guid.ParseExact(key, "N")}");

    /// <summary>Runs the keys command while the hosts run, as on the command line.</summary>
    private async Task<string[]> Keys(params string[] words)
    {
        using var output = new StringWriter();
        Assert.Equal(
            0,
            await IdentityModule.RunKeysVerb(hosts.First.Services, words, output, TextWriter.Null, TestContext.Current.CancellationToken));
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> Run(HostSettings settings, params string[] words)
    {
        using var process = HostProcess.Run(settings.AsConfiguration().ToDictionary(), ["keys", .. words]);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (output, errors) =
            (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output, await errors);
    }

    private async Task<HostSettings> EmptyDatabase() => hosts.Settings with { Admin = await parts.CreateMigratedDatabase() };

    private static async Task ExecuteIn(HostSettings settings, string sql)
    {
        await using var database = NpgsqlDataSource.Create(settings.Admin);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Counts the reads of the key table by the hosts of these tests.</summary>
    private ActivityListener WhenKeysAreRead(Action read)
    {
        var database = new NpgsqlConnectionStringBuilder(hosts.Settings.Admin).Database!;
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = query =>
            {
                var said = query.TagObjects.Select(tag => tag.Value).OfType<string>().ToList();
                if (said.Contains(database) && said.Any(text => text.Contains("identity.keys", StringComparison.Ordinal)))
                {
                    read();
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
