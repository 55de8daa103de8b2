using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests clients that authenticate with a signed assertion instead of a secret (RFC 7523).</summary>
public sealed class PrivateKeyJwtTests(RunningParts parts)
{
    private string Issuer => parts.Settings.Issuer;

    [Theory, InlineData("PS256"), InlineData("RS256"), InlineData("ES256")]
    public async Task Client_authenticates_with_its_key_and_has_no_secret(string algorithm)
    {
        using var admin = await parts.Host.Admin();
        var client = await admin.NewSigningClient(algorithm);

        var token = new JsonWebToken((await parts.Host.Token(client.Form(client.Assertion(Issuer)))).AccessToken);

        Assert.Equal($"client:{client.Id}", token.Subject);
        Assert.Null(await parts.Host.TokenError(client.Form(client.Assertion($"{Issuer}connect/token"))));
        Assert.Null(await parts.Host.TokenError(client.Form(client.Assertion(Issuer.TrimEnd('/')))));
        Assert.Null(await parts.Host.TokenError(new(client.Form(client.Assertion(Issuer))) { ["client_id"] = client.Id }));
        Assert.Null(
            await parts.Host.TokenError(client.Form(client.Assertion(Issuer, with => with.TokenType = "client-authentication+jwt"))));
        var read = await admin.GetFromJsonAsync<JsonElement>($"{TestClients.Route}/{client.Id}");
        Assert.Equal((0, 1), (read.GetProperty("liveSecrets").GetInt32(), read.GetProperty("jwks").GetProperty("keys").GetArrayLength()));
        Assert.DoesNotContain("null", read.GetProperty("jwks").GetRawText(), StringComparison.Ordinal);
        await (await admin.PostAsync($"{TestClients.Route}/{client.Id}/secrets", null)).Problem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Client_assertion_is_accepted_once_across_hosts()
    {
        await using var second = await RunningHost.Start(parts.Settings);
        using var admin = await parts.Host.Admin();
        var client = await admin.NewSigningClient();
        var form = client.Form(client.Assertion(Issuer));

        Assert.Null(await parts.Host.TokenError(form));
        Assert.Equal("invalid_client", await parts.Host.TokenError(form));
        Assert.Equal("invalid_client", await second.TokenError(form));
        Assert.Null(await second.TokenError(client.Form(client.Assertion(Issuer))));
    }

    public static TheoryData<string> Wrong =>
    [
        "another audience", "two audiences", "another subject", "another client", "expired", "not yet", "for an hour", "no jti",
        "another key", "symmetric", "unsigned", "not a JWT", "key in the header",
    ];

    [Theory, MemberData(nameof(Wrong))]
    public async Task Every_invalid_client_assertion_gets_the_same_error(string wrong)
    {
        using var admin = await parts.Host.Admin();
        var client = await admin.NewSigningClient();
        var other = await admin.NewSigningClient();
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var assertion = wrong switch
        {
            "another audience" => client.Assertion("https://elsewhere.example/"),
            "two audiences" =>
                client.Assertion(
                    Issuer,
                    with =>
                        (with.Audience, with.Claims) = (null, new Dictionary<string, object>
                        {
                            ["aud"] = new[] { Issuer, "https://elsewhere.example/" },
                        })),
            "another subject" => client.Assertion(Issuer, with => with.Subject = new([new("sub", other.Id), new("jti", "1")])),
            "another client" => client.Assertion(
                Issuer, with => (with.Issuer, with.Subject) = (other.Id, new([new("sub", other.Id), new("jti", "1")]))),
            "expired" => client.Assertion(
                Issuer,
                with => (with.IssuedAt, with.NotBefore, with.Expires) = (now.AddMinutes(-3), now.AddMinutes(-3), now.AddMinutes(-2))),
            "not yet" => client.Assertion(Issuer, with => (with.NotBefore, with.Expires) = (now.AddMinutes(2), now.AddMinutes(3))),
            "for an hour" => client.Assertion(Issuer, with => with.Expires = now.AddHours(1)),
            "no jti" => client.Assertion(Issuer, with => with.Subject = new([new("sub", client.Id)])),
            "another key" => (client with { Key = SigningClients.NewKey("PS256").Key }).Assertion(Issuer),
            "symmetric" => client.Assertion(
                Issuer,
                with => with.SigningCredentials = new(
                    new SymmetricSecurityKey(((RsaSecurityKey)client.Key).Rsa.ExportRSAPublicKey()), "HS256")),
            "unsigned" => client.Assertion(Issuer, with => with.SigningCredentials = null),
            "key in the header" => WithKeyInHeader(client),
            _ => "a.b.c",
        };

        using var response = await parts.Host.Anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(client.Form(assertion)));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        var error = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(
            """{"error":"invalid_client","error_description":"The client's credentials are not valid."}""",
            JsonSerializer.Serialize(error).Replace("\\u0027", "'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Replaced_keys_are_used_at_once_and_registering_keys_ends_a_secret()
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("users:read");
        var ((first, firstJwk), (second, secondJwk)) = (SigningClients.NewKey("PS256", "a"), SigningClients.NewKey("ES256", "b"));

        await Patch(new { jwks = new { keys = new[] { firstJwk, secondJwk } } });
        Assert.Equal("invalid_client", await parts.Host.TokenError(Secret()));
        Assert.Null(await Sign(first, "PS256"));
        Assert.Null(await Sign(second, "ES256"));
        await Patch(new { jwks = new { keys = new[] { secondJwk } } });
        Assert.Equal("invalid_client", await Sign(first, "PS256"));
        Assert.Null(await Sign(second, "ES256"));
        await Patch(new { jwks = (object?)null });
        Assert.Equal("invalid_client", await Sign(second, "ES256"));
        using var made = await admin.PostAsync($"{TestClients.Route}/{id}/secrets", null);
        secret = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        Assert.Null(await parts.Host.TokenError(Secret()));

        Dictionary<string, string> Secret() =>
            new() { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret, ["scope"] = "users:read" };

        Task<string?> Sign(SecurityKey key, string algorithm)
        {
            var client = new SigningClient(id, key, algorithm);
            return parts.Host.TokenError(client.Form(client.Assertion(Issuer), "users:read"));
        }

        async Task Patch(object body)
        {
            using var response = await admin.PatchClient(id, JsonSerializer.Serialize(body));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private string WithKeyInHeader(SigningClient client)
    {
        var (key, jwk) = SigningClients.NewKey("PS256");
        return (client with { Key = key }).Assertion(Issuer, with => with.AdditionalHeaderClaims = new Dictionary<string, object>
        {
            ["jwk"] = JsonSerializer.SerializeToElement(jwk),
            ["jku"] = "https://elsewhere.example/keys",
        });
    }
}
