using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Represents the whole service on real ports, in this process so that tests can listen to its spans: one host with all modules, or with
/// <c>IDOVEN_TEST_HOSTS=split</c> one host for each module behind a single address.
/// </summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private static readonly bool IsSplit = Environment.GetEnvironmentVariable("IDOVEN_TEST_HOSTS") == "split";

    private readonly IReadOnlyList<WebApplication> apps;
    private readonly ModuleAddresses addresses;
    private readonly NpgsqlDataSource admin;
    private string? registrar;

    private RunningHost(HostSettings settings, IReadOnlyList<WebApplication> apps, ModuleAddresses addresses, int managementPort)
    {
        (this.apps, this.addresses) = (apps, addresses);
        admin = NpgsqlDataSource.Create(settings.Admin);
        Management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{managementPort}") };
        Anonymous = Client();
    }

    public Uri Address => addresses.Identity;

    public Uri Ecgs => addresses.Ecgs;

    /// <summary>Gets the services of the one host; those of Identity's host if each module has its own.</summary>
    public IServiceProvider Services => apps[0].Services;

    /// <summary>Gets the management port.</summary>
    public HttpClient Management { get; }

    /// <summary>Gets a client without a token.</summary>
    public HttpClient Anonymous { get; }

    /// <summary>Migrates the database as <c>./idoven migrate</c> does.</summary>
    public static Task Migrate(HostSettings settings) => Migrate(settings.AsConfiguration());

    public static Task MigrateAlone(string module, HostSettings settings) =>
        Migrate(settings.ForModule(module).Append(new("ConnectionStrings:Migrations", settings.Admin)));

    private static async Task Migrate(IEnumerable<KeyValuePair<string, string>> configuration)
    {
        if (await Program.Main(["migrate", .. Arguments(configuration)]) != 0)
        {
            throw new InvalidOperationException("The migration failed.");
        }
    }

    /// <param name="more">Configuration that overrides the settings.</param>
    public static Task<RunningHost> Start(HostSettings settings, params (string Key, string Value)[] more) =>
        IsSplit && !more.Any(pair => pair.Key == "Modules:Enabled")
            ? StartSplit(_ => settings, more)
            : Start(settings, configure: null, more);

    /// <param name="configure">Changes the services of the one host; null: nothing is changed.</param>
    /// <param name="more">Configuration that overrides the settings.</param>
    public static async Task<RunningHost> Start(
        HostSettings settings, Action<WebApplicationBuilder>? configure, params (string Key, string Value)[] more)
    {
        var (app, address, managementPort) = await StartApp(settings.AsConfiguration(), more, configure);
        return new RunningHost(settings, [app], new ModuleAddresses(address, address, address), managementPort);
    }

    /// <summary>Starts a host whose modules read the time from this clock.</summary>
    /// <param name="more">Configuration that overrides the settings.</param>
    public static async Task<RunningHost> StartAt(TimeProvider clock, HostSettings settings, params (string Key, string Value)[] more)
    {
        var (app, address, managementPort) = await StartApp(
            settings.AsConfiguration(), more, builder => builder.Services.AddSingleton(clock));
        return new RunningHost(settings, [app], new ModuleAddresses(address, address, address), managementPort);
    }

    /// <summary>Starts a host at the address of its issuer, for clients that compare the two.</summary>
    public static Task<RunningHost> StartAtItsIssuer(HostSettings settings)
    {
        var address = $"http://127.0.0.1:{FreePort.Take()}";
        return Start(settings, ("urls", address), ("Auth:Issuer", $"{address}/"));
    }

    /// <summary>Starts a host for each module, each with only its own settings; the others read the keys from Identity.</summary>
    public static async Task<RunningHost> StartSplit(Func<string, HostSettings> settings, params (string Key, string Value)[] more)
    {
        var identity = await StartApp(settings("identity").ForModule("identity"), more);
        more = [.. more, ("Auth:MetadataAddress", new Uri(identity.Address, ".well-known/openid-configuration").AbsoluteUri)];
        var users = await StartApp(settings("users").ForModule("users"), more);
        var ecgs = await StartApp(settings("ecgs").ForModule("ecgs"), more);
        var addresses = new ModuleAddresses(identity.Address, users.Address, ecgs.Address);
        return new RunningHost(settings("identity"), [identity.App, users.App, ecgs.App], addresses, ecgs.ManagementPort);
    }

    /// <summary>Returns a handler that connects to the service for every host name, as DNS would for the name of the public URL.</summary>
    public HttpMessageHandler Handler() => addresses.Handler();

    /// <param name="from">The source address of the connections; null: 127.0.0.1.</param>
    public HttpClient Client(string? accessToken = null, IPAddress? from = null)
    {
        var client = new HttpClient(addresses.Handler(from)) { BaseAddress = Address };
        if (accessToken is not null)
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", accessToken);
        }

        return client;
    }

    /// <summary>Returns a client of a demo user with all scopes for ECGs and the account that the role allows.</summary>
    public async Task<HttpClient> SignIn(string username, string scope = "ecgs:read ecgs:write users:read") =>
        Client((await Token(username, $"{username}-demo-password", scope)).AccessToken);

    public Task<TokenResponse> Token(string username, string password, string scope) => Token(new()
    {
        ["grant_type"] = "password",
        ["client_id"] = "idoven-cli",
        ["username"] = username,
        ["password"] = password,
        ["scope"] = scope,
    });

    /// <summary>Returns a client of an owner that no other test uses: a new machine client.</summary>
    public async Task<HttpClient> NewOwner(string scope = "ecgs:read ecgs:write") => Client(await NewOwnerToken(scope));

    public async Task<string> NewOwnerToken(string scope)
    {
        var (id, secret) = ($"test-{Guid.NewGuid():N}", Guid.NewGuid().ToString("N"));
        var descriptor = new OpenIddictApplicationDescriptor
        {
            ClientId = id,
            ClientSecret = secret,
            ClientType = ClientTypes.Confidential,
            Permissions = { Permissions.Endpoints.Token, Permissions.GrantTypes.ClientCredentials },
        };
        descriptor.Permissions.UnionWith(scope.Split(' ').Select(name => Permissions.Prefixes.Scope + name));
        await using var scoped = Services.CreateAsyncScope();
        await scoped.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(descriptor);
        var token = await Token(new()
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = id,
            ["client_secret"] = secret,
            ["scope"] = scope,
        });
        return token.AccessToken;
    }

    /// <summary>
    /// Returns a token of the superadmin that registers users for tests. One sign-in serves many tests, since each costs a password hash; a
    /// test that moves the clock or revokes keys gets another.
    /// </summary>
    public async Task<string> RegistrarToken()
    {
        if (registrar is not null)
        {
            using var client = Client(registrar);
            using var response = await client.GetAsync($"{TestUsers.Route}/me");
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return registrar;
            }
        }

        return registrar = (await Token("superadmin", "superadmin-demo-password", "users:read users:write")).AccessToken;
    }

    /// <summary>Requests a token from the real token endpoint.</summary>
    public async Task<TokenResponse> Token(Dictionary<string, string> form)
    {
        using var response = await Anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(form));
        return response.IsSuccessStatusCode
            ? (await response.Content.ReadFromJsonAsync<TokenResponse>())!
            : throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Queries or changes the database as a superuser.</summary>
    public async Task<T> Query<T>(string sql, params object[] parameters)
    {
        await using var command = admin.CreateCommand(sql);
        command.Parameters.AddRange(parameters.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task Execute(string sql)
    {
        await using var command = admin.CreateCommand(sql);
        command.CommandTimeout = (int)TimeSpan.FromMinutes(15).TotalSeconds; // A statement may fill millions of rows.
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in apps)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        Management.Dispose();
        Anonymous.Dispose();
        await admin.DisposeAsync();
    }

    private static async Task<(WebApplication App, Uri Address, int ManagementPort)> StartApp(
        IEnumerable<KeyValuePair<string, string>> settings, (string Key, string Value)[] more,
        Action<WebApplicationBuilder>? configure = null)
    {
        var (port, managementPort) = (FreePort.Take(), FreePort.Take());
        var configuration = settings.ToDictionary();
        configuration["urls"] = $"http://127.0.0.1:{port}";
        configuration["Management:Port"] = $"{managementPort}";
        foreach (var (key, value) in more)
        {
            configuration[key] = value;
        }

        var app = Program.Build(Arguments(configuration), configure);
        await app.StartAsync();
        using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{managementPort}") };
        await Eventually.Holds(async () => (await management.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK);
        return (app, new Uri(configuration["urls"]), managementPort);
    }

    private static string[] Arguments(IEnumerable<KeyValuePair<string, string>> configuration) =>
        [.. configuration.Select(pair => $"--{pair.Key}={pair.Value}")];
}

internal sealed record TokenResponse(
    [property: System.Text.Json.Serialization.JsonPropertyName("access_token")] string AccessToken,
    [property: System.Text.Json.Serialization.JsonPropertyName("refresh_token")] string? RefreshToken,
    [property: System.Text.Json.Serialization.JsonPropertyName("expires_in")] int ExpiresIn,
    [property: System.Text.Json.Serialization.JsonPropertyName("scope")] string? Scope);
