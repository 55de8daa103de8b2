using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Represents a machine client that authenticates with signed assertions instead of a secret and that no other test uses.
/// </summary>
internal sealed record SigningClient(string Id, SecurityKey Key, string Algorithm)
{
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// <summary>Returns an assertion signed for the issuer; <paramref name="alter"/> changes it before it is signed.</summary>
    public string Assertion(string audience, Action<SecurityTokenDescriptor>? alter = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Id,
            Audience = audience,
            NotBefore = now,
            IssuedAt = now,
            Expires = now.AddMinutes(1),
            Subject = new ClaimsIdentity([new("sub", Id), new("jti", Guid.NewGuid().ToString())]),
            SigningCredentials = new SigningCredentials(Key, Algorithm),
        };
        alter?.Invoke(descriptor);
        return new JsonWebTokenHandler().CreateToken(descriptor);
    }

    public Dictionary<string, string> Form(string assertion, string scope = "ecgs:read") => new()
    {
        ["grant_type"] = "client_credentials",
        ["scope"] = scope,
        ["client_assertion_type"] = AssertionType,
        ["client_assertion"] = assertion,
    };
}

internal static class SigningClients
{
    public static async Task<SigningClient> NewSigningClient(this HttpClient admin, string algorithm = "PS256")
    {
        var (key, jwk) = NewKey(algorithm);
        var client = await admin.RegisterClient("ecgs:read", "ecgs:write");
        using var response = await admin.Enrol(client.ClientId(), client.EnrolmentToken(), new { keys = new[] { jwk } });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(JsonValueKind.Null, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").ValueKind);
        return new SigningClient(client.ClientId(), key, algorithm);
    }

    /// <summary>Creates a key pair and returns its public key as a JWK.</summary>
    public static (SecurityKey Key, Dictionary<string, string> Jwk) NewKey(string algorithm, string? kid = null)
    {
        SecurityKey key = algorithm == "ES256"
            ? new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256))
            : new RsaSecurityKey(RSA.Create(2048));
        key.KeyId = kid;
        var jwk = JsonWebKeyConverter.ConvertFromSecurityKey(key);
        Dictionary<string, string> members = algorithm == "ES256"
            ? new() { ["kty"] = jwk.Kty, ["crv"] = jwk.Crv, ["x"] = jwk.X, ["y"] = jwk.Y }
            : new() { ["kty"] = jwk.Kty, ["n"] = jwk.N, ["e"] = jwk.E };
        if (kid is not null)
        {
            members["kid"] = kid;
        }

        return (key, members);
    }
}
