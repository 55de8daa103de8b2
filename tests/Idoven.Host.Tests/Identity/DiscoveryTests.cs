using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests that everything in the discovery document works and that nothing else does.</summary>
public sealed class DiscoveryTests(RunningParts parts)
{
    private static readonly string[] EveryGrant =
    [
        "authorization_code", "client_credentials", "refresh_token", "password", "implicit", "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "urn:openid:params:grant-type:ciba",
    ];

    [Fact]
    public async Task Discovery_lists_exactly_the_existing_endpoints()
    {
        var document = await Document();

        var endpoints = document.EnumerateObject()
            .Where(member => member.Name.EndsWith("_endpoint", StringComparison.Ordinal))
            .ToDictionary(member => member.Name, member => member.Value.GetString()!);
        Assert.Equal(
            [
                "authorization_endpoint", "device_authorization_endpoint", "end_session_endpoint", "introspection_endpoint",
                "revocation_endpoint", "token_endpoint", "userinfo_endpoint",
            ],
            endpoints.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, address) in endpoints)
        {
            using var response = await parts.Host.Anonymous.PostAsync(new Uri(address), new FormUrlEncodedContent([]));
            Assert.True(
                response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized,
                $"{name}: {response.StatusCode}");
        }

        Assert.NotEmpty(
            (await parts.Host.Anonymous.GetFromJsonAsync<JsonElement>(document.GetProperty("jwks_uri").GetString()))
                .GetProperty("keys")
                .EnumerateArray());
        foreach (var path in new[] { "connect/par", "connect/register", "connect/ciba", "connect/checksession", "device" })
        {
            await (await parts.Host.Anonymous.PostAsync($"/{path}", new FormUrlEncodedContent([]))).Problem(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Exactly_the_listed_grants_are_supported()
    {
        var listed = Values(await Document(), "grant_types_supported");

        Assert.Subset(EveryGrant.ToHashSet(), listed.ToHashSet());
        foreach (var grant in EveryGrant)
        {
            var error = await parts.Host.TokenError(new() { ["grant_type"] = grant, ["client_id"] = "demo-app" });
            Assert.Equal(!listed.Contains(grant), error == "unsupported_grant_type");
        }
    }

    [Fact]
    public async Task Client_authenticates_by_every_listed_method()
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("ecgs:read");
        var signing = await admin.NewSigningClient();
        var ways = Values(await Document(), "token_endpoint_auth_methods_supported");

        Assert.Equal(["client_secret_basic", "client_secret_post", "none", "private_key_jwt"], ways.Order(StringComparer.Ordinal));
        Assert.Null(
            await parts.Host.TokenError(
                new() { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret, ["scope"] = "ecgs:read" }));
        Assert.Null(await parts.Host.TokenError(signing.Form(signing.Assertion(parts.Settings.Issuer))));
        using var basic = parts.Host.Client();
        basic.DefaultRequestHeaders.Authorization = new(
            "Basic", Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"{id}:{secret}")));
        using var response = await basic.PostAsync(
            "/connect/token",
            new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["scope"] = "ecgs:read" }));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);

        // The method client_secret_jwt is not listed.
        var key = new Microsoft.IdentityModel.Tokens.SymmetricSecurityKey(System.Text.Encoding.ASCII.GetBytes(secret));
        var shared = signing with { Id = id, Key = key, Algorithm = "HS256" };
        Assert.Equal("invalid_client", await parts.Host.TokenError(shared.Form(shared.Assertion(parts.Settings.Issuer))));
    }

    [Fact]
    public async Task Discovery_lists_the_algorithms_and_scopes_of_tokens()
    {
        var document = await Document();

        Assert.Equal(parts.Settings.Issuer, document.GetProperty("issuer").GetString());
        Assert.Equal(["PS256"], Values(document, "id_token_signing_alg_values_supported"));
        Assert.Equal(["PS256", "RS256", "ES256"], Values(document, "token_endpoint_auth_signing_alg_values_supported"));
        Assert.Equal(["public"], Values(document, "subject_types_supported"));
        Assert.Equal(
            [
                "account", "clients:manage", "clients:self", "ecgs:read", "ecgs:write", "events:read", "insights:read:any",
                "offline_access", "openid", "operations", "profile", "users:read", "users:write",
            ],
            Values(document, "scopes_supported").Order(StringComparer.Ordinal));
        Assert.DoesNotContain("introspection", Values(document, "scopes_supported"));
        foreach (var untrue in new[] { "request_parameter_supported", "request_uri_parameter_supported", "claims_parameter_supported" })
        {
            Assert.False(document.TryGetProperty(untrue, out var value) && value.GetBoolean(), untrue);
        }
    }

    [Fact]
    public async Task Every_failed_client_authentication_gets_the_same_response()
    {
        using var admin = await parts.Host.Admin();
        var (id, _) = await admin.NewClient("ecgs:read");
        var (disabled, disabledSecret) = await admin.NewClient("ecgs:read");
        (await admin.PatchClient(disabled, """{"enabled":false}""")).Dispose();
        var app = await parts.Host.NewApp();
        var enrolling = (await admin.RegisterClient("ecgs:read")).ClientId();
        var responses = new HashSet<string>();
        foreach (var path in new[] { "token", "revoke", "introspect", "device" })
        {
            foreach (var (client, secret) in new[]
            {
                (id, "wrong"),
                (Guid.NewGuid().ToString(), "wrong"),
                (disabled, disabledSecret),
                (app.Id, "one that it has not"),
                (enrolling, "none yet"),
            })
            {
                using var response = await parts.Host.Anonymous.PostAsync(
                    $"/connect/{path}", new FormUrlEncodedContent(new Dictionary<string, string>
                    {
                        ["grant_type"] = "client_credentials",
                        ["client_id"] = client,
                        ["client_secret"] = secret,
                        ["scope"] = "ecgs:read",
                        ["token"] = "t",
                    }));
                if (!(client == app.Id && path == "token"))
                {
                    var body = await response.Content.ReadAsStringAsync();
                    responses.Add($"{(int)response.StatusCode} {response.Headers.WwwAuthenticate} {body}");
                }
            }
        }

        var only = Assert.Single(responses);
        Assert.StartsWith("401 Basic ", only, StringComparison.Ordinal);
        Assert.Contains(
            "The client's credentials are not valid.",
            JsonElement.Parse(only[only.IndexOf('{', StringComparison.Ordinal)..]).GetProperty("error_description").GetString(),
            StringComparison.Ordinal);
        Assert.DoesNotContain("openiddict", only, StringComparison.OrdinalIgnoreCase);
    }

    private Task<JsonElement> Document() => parts.Host.Anonymous.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration");

    private static string[] Values(JsonElement document, string name) =>
    [
        .. document.GetProperty(name).EnumerateArray().Select(value => value.GetString()!),
    ];
}
