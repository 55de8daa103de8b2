using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Idoven.Ecgs.Contracts;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests tokens that differ in one property from a valid one, which is the first of them.</summary>
public sealed class RejectedTokenTests(RunningParts parts)
{
    private static readonly DateTime Now = TimeProvider.System.GetUtcNow().UtcDateTime;

    [Fact]
    public async Task Token_created_by_the_test_with_the_right_key_is_accepted() =>
        Assert.Equal(HttpStatusCode.OK, (await Read(Make(_ => { }))).StatusCode);

    [Fact]
    public async Task Missing_token_is_401_with_a_bearer_challenge()
    {
        using var response = await parts.Host.Anonymous.GetAsync(EcgCalls.Route);

        await response.Problem(HttpStatusCode.Unauthorized);
        Assert.Contains(response.Headers.WwwAuthenticate, challenge => challenge.Scheme == "Bearer");
    }

    [Fact]
    public Task An_expired_token_is_401() =>
        Refused(Make(token => (token.NotBefore, token.IssuedAt, token.Expires) = (Now.AddHours(-1), Now.AddHours(-1), Now.AddMinutes(-1))));

    /// <summary>A clock skew of ten seconds is accepted in both directions.</summary>
    [Fact]
    public async Task Small_clock_skew_is_accepted_and_a_larger_one_is_401()
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        Assert.Equal(
            HttpStatusCode.OK,
            (await Read(Make(token => (token.NotBefore, token.IssuedAt) = (now.AddSeconds(9), now.AddSeconds(9))))).StatusCode);
        var justExpired = Make(token =>
            (token.NotBefore, token.IssuedAt, token.Expires) = (now.AddMinutes(-10), now.AddMinutes(-10), now.AddSeconds(-1)));
        Assert.Equal(HttpStatusCode.OK, (await Read(justExpired)).StatusCode);
        await Refused(Make(token => (token.NotBefore, token.IssuedAt) = (now.AddMinutes(1), now.AddMinutes(1))));
        await Refused(
            Make(
                token =>
                    (token.NotBefore, token.IssuedAt, token.Expires) = (now.AddMinutes(-10), now.AddMinutes(-10), now.AddSeconds(-11))));
    }

    [Fact]
    public async Task A_token_for_another_audience_is_403_and_names_the_scope()
    {
        using var response = await Read(Make(token => token.Audience = UsersScopes.Audience));

        await response.Problem(HttpStatusCode.Forbidden);
        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"ecgs:read\"", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public Task Token_for_an_unknown_audience_is_401() => Refused(Make(token => token.Audience = "elsewhere"));

    /// <summary>A client that requests an address that does not exist must not get a reason to renew its token.</summary>
    [Theory]
    [InlineData("GET", "/api/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("POST", "/nothing", HttpStatusCode.NotFound)]
    [InlineData("PUT", EcgCalls.Route, HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/api/v1/users", HttpStatusCode.MethodNotAllowed)]
    public async Task Unknown_address_or_method_returns_401_only_with_an_invalid_token(
        string method, string address, HttpStatusCode expected)
    {
        foreach (var token in new[] { null, Make(_ => { }), Make(token => token.Audience = UsersScopes.Audience) })
        {
            await (await Send(token)).Problem(expected);
        }

        var foreign = Make(token => token.Issuer = "http://elsewhere.example/");
        foreach (var token in new[] { foreign, Make(token => token.Audience = "elsewhere"), "a.b.c" })
        {
            await (await Send(token)).Problem(HttpStatusCode.Unauthorized);
        }

        async Task<HttpResponseMessage> Send(string? token)
        {
            using var client = parts.Host.Client(token);
            using var request = new HttpRequestMessage(new HttpMethod(method), address);
            return await client.SendAsync(request);
        }
    }

    [Fact]
    public Task A_token_of_another_issuer_is_401() => Refused(Make(token => token.Issuer = "http://elsewhere.example/"));

    [Fact]
    public Task An_identity_token_is_401() => Refused(Make(token => token.TokenType = "JWT"));

    [Fact]
    public Task A_token_signed_by_another_key_is_401()
    {
        using var other = RSA.Create(2048);
        var id = Key().KeyId;
        return Refused(
            Make(
                token => token.SigningCredentials = new SigningCredentials(
                    new RsaSecurityKey(other) { KeyId = id }, SecurityAlgorithms.RsaSsaPssSha256)));
    }

    [Fact]
    public Task An_unsigned_token_is_401() => Refused(Make(token => token.SigningCredentials = null));

    [Fact]
    public Task A_token_signed_with_the_public_key_as_a_secret_is_401()
    {
        var modulus = ((RsaSecurityKey)Key()).Rsa.ExportRSAPublicKey();
        return Refused(
            Make(
                token => token.SigningCredentials = new SigningCredentials(
                    new SymmetricSecurityKey(modulus), SecurityAlgorithms.HmacSha256)));
    }

    [Fact]
    public Task A_token_altered_by_one_character_is_401()
    {
        var token = Make(_ => { }).ToCharArray();
        var middle = token.Length / 2;
        token[middle] = token[middle] == 'A' ? 'B' : 'A';
        return Refused(new string(token));
    }

    [Theory, InlineData("not-a-token"), InlineData("a.b.c")]
    public Task Malformed_token_is_401(string token) => Refused(token);

    private async Task Refused(string token) => await (await Read(token)).Problem(HttpStatusCode.Unauthorized);

    private async Task<HttpResponseMessage> Read(string token)
    {
        using var client = parts.Host.Client(token);
        return await client.GetAsync(EcgCalls.Route);
    }

    private SecurityKey Key() => parts.Host.Services.GetRequiredService<IssuerKeys>().Keys.First();

    private string Make(Action<SecurityTokenDescriptor> alter)
    {
        var descriptor = new SecurityTokenDescriptor
        {
            TokenType = "at+jwt",
            Issuer = parts.Settings.Issuer,
            Audience = EcgsScopes.Audience,
            NotBefore = Now,
            IssuedAt = Now,
            Expires = Now.AddMinutes(10),
            Subject = new ClaimsIdentity([new("sub", "client:by-hand"), new("client_id", "by-hand"), new("scope", "ecgs:read")]),
            SigningCredentials = new SigningCredentials(Key(), SecurityAlgorithms.RsaSsaPssSha256),
        };
        alter(descriptor);
        return new JsonWebTokenHandler().CreateToken(descriptor);
    }
}
