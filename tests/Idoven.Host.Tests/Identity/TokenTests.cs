using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

public sealed class TokenTests(RunningParts parts)
{
    [Fact]
    public async Task An_access_token_is_a_signed_jwt_of_ten_minutes_with_audience_scope_session_and_generation()
    {
        var response = await parts.Host.Token(Password("user", "ecgs:read offline_access"));

        var token = new JsonWebToken(response.AccessToken);
        Assert.Equal("at+jwt", token.Typ);
        Assert.Equal("PS256", token.Alg);
        Assert.Equal(TimeSpan.FromMinutes(10), token.ValidTo - token.IssuedAt);
        Assert.Equal(parts.Settings.Issuer, token.Issuer);
        Assert.Contains("idoven.ecgs", token.Audiences);
        Assert.Equal("01900000-0000-7000-8000-000000000001", token.Subject);
        Assert.Equal("ecgs:read offline_access", token.GetClaim("scope").Value);
        Assert.Equal("user", token.GetClaim("role").Value);
        Assert.True(Guid.TryParse(token.GetClaim("sid").Value, out _));
        Assert.Equal("0", token.GetClaim("gen").Value);
        Assert.NotNull(response.RefreshToken);
    }

    [Fact]
    public async Task Subject_of_a_machine_client_cannot_be_that_of_a_user()
    {
        var token = new JsonWebToken(await parts.Host.NewOwnerToken("ecgs:read"));

        Assert.StartsWith("client:test-", token.Subject, StringComparison.Ordinal);
        Assert.False(token.TryGetClaim("role", out _));
        Assert.Equal(["idoven.ecgs"], token.Audiences);
    }

    [Fact]
    public async Task The_demo_gateway_may_read_and_write_ecgs_and_nothing_else()
    {
        Dictionary<string, string> form = new()
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "demo-gateway",
            ["client_secret"] = "demo-gateway-secret",
            ["scope"] = "ecgs:read ecgs:write",
        };
        Assert.Equal("ecgs:read ecgs:write", new JsonWebToken((await parts.Host.Token(form)).AccessToken).GetClaim("scope").Value);

        Assert.Contains("error", await Refused(new(form) { ["scope"] = "users:read" }), StringComparison.Ordinal);
        Assert.Contains("invalid_client", await Refused(new(form) { ["client_secret"] = "guess" }), StringComparison.Ordinal);
    }

    [Theory, InlineData("user", "wrong"), InlineData("no-such-user", "user-demo-password")]
    public async Task Wrong_password_and_unknown_name_get_the_same_error(string username, string password)
    {
        var body = await Refused(new(Password(username, "ecgs:read")) { ["password"] = password });

        Assert.Contains("invalid_grant", body, StringComparison.Ordinal);
        Assert.Contains("The credentials or the token are not valid.", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("device")]
    [InlineData("introspect")]
    [InlineData("revoke")]
    public async Task Unreadable_form_gets_invalid_request(string endpoint)
    {
        foreach (var (type, body) in new[]
        {
            ("application/x-www-form-urlencoded", "client_id=%00"),
            ("application/x-www-form-urlencoded", string.Join('&', Enumerable.Range(0, 1100).Select(i => $"k{i}=v"))),
            ("multipart/form-data", "--"),
        })
        {
            using var content = new StringContent(body, MediaTypeHeaderValue.Parse(type));
            using var response = await parts.Host.Anonymous.PostAsync($"/connect/{endpoint}", content);
            Assert.Equal(
                (HttpStatusCode.BadRequest, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            Assert.Equal("invalid_request", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString());
        }
    }

    [Fact]
    public async Task Refresh_token_is_redeemed_once_and_its_reuse_revokes_the_session()
    {
        var first = await parts.Host.Token(Password("user2", "ecgs:read offline_access"));
        var second = await parts.Host.Token(Refresh(first.RefreshToken!));

        Assert.Equal(Claim(first, "sid"), Claim(second, "sid"));
        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
        await parts.Host.EndRetryWindow(new JsonWebToken(first.AccessToken).Subject);
        Assert.Contains("invalid_grant", await Refused(Refresh(first.RefreshToken!)), StringComparison.Ordinal);
        Assert.Contains("invalid_grant", await Refused(Refresh(second.RefreshToken!)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_are_stored_and_no_table_contains_a_secret_in_clear_text()
    {
        var response = await parts.Host.Token(Password("user", "ecgs:read offline_access"));

        var id = new JsonWebToken(response.AccessToken).GetClaim("oi_tkn_id").Value;
        Assert.Equal(1L, await parts.Host.Query<long>("select count(*) from identity.tokens where id = $1", Guid.Parse(id)));
        Assert.StartsWith(
            "$argon2id$v=19$m=19456,t=2,p=1$",
            await parts.Host.Query<string>("select password_hash from identity.accounts where user_name = 'user'"),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "sha256:",
            await parts.Host.Query<string>("select client_secret from identity.clients where client_id = 'demo-gateway'"),
            StringComparison.Ordinal);
        Assert.Equal(
            0L,
            await parts.Host.Query<long>(
                "select count(*) from identity.data_protection_keys where xml like '%masterKey%' or xml not like '%<sealed%'"));
        Assert.True(await parts.Host.Query<long>("select count(*) from identity.data_protection_keys") > 0);
    }

    [Fact]
    public async Task Second_host_publishes_the_same_keys()
    {
        await using var second = await RunningHost.Start(parts.Settings);
        using var client = second.Client(await parts.Host.NewOwnerToken("ecgs:read"));

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(EcgCalls.Route)).StatusCode);
        Assert.Equal(
            await parts.Host.Anonymous.GetStringAsync("/.well-known/jwks"), await second.Anonymous.GetStringAsync("/.well-known/jwks"));
    }

    [Fact]
    public async Task Discovery_lists_only_the_supported_grants_and_endpoints()
    {
        var document = await parts.Host.Anonymous.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration");

        Assert.Equal(parts.Settings.Issuer, document.GetProperty("issuer").GetString());
        Assert.Equal(
            ["authorization_code", "client_credentials", "password", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
            document.GetProperty("grant_types_supported").EnumerateArray().Select(grant => grant.GetString()!).Order());
    }

    [Fact]
    public async Task Production_has_no_password_grant_and_no_demo_account()
    {
        var settings = await parts.OwnUnusedParts();
        await using var production = await RunningHost.Start(settings, ("environment", "Production"));

        using var response = await production.Anonymous.PostAsync(
            "/connect/token", new FormUrlEncodedContent(Password("user", "ecgs:read")));

        Assert.Contains("unsupported_grant_type", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0L, await production.Query<long>("select count(*) from identity.accounts"));
        Assert.Equal(0L, await production.Query<long>("select count(*) from identity.clients"));
        Assert.Equal(0L, await production.Query<long>("select count(*) from users.users"));
    }

    private static Dictionary<string, string> Password(string username, string scope) => new()
    {
        ["grant_type"] = "password",
        ["client_id"] = "idoven-cli",
        ["username"] = username,
        ["password"] = $"{username}-demo-password",
        ["scope"] = scope,
    };

    private static Dictionary<string, string> Refresh(string token) => new()
    {
        ["grant_type"] = "refresh_token",
        ["client_id"] = "idoven-cli",
        ["refresh_token"] = token,
    };

    private static string Claim(TokenResponse response, string name) => new JsonWebToken(response.AccessToken).GetClaim(name).Value;

    private async Task<string> Refused(Dictionary<string, string> form)
    {
        using var response = await parts.Host.Anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(form));
        Assert.False(response.IsSuccessStatusCode);
        return await response.Content.ReadAsStringAsync();
    }
}
