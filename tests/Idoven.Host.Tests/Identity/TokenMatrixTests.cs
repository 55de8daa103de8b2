using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Idoven.Identity.Contracts;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Tests every route of the running host that requires a token with every token that differs in one property from a valid one. The routes
/// are read from the host, so a new route is tested without a change here.
/// </summary>
[Trait("Hosts", "one")]
public sealed class TokenMatrixTests(RunningParts parts)
{
    private static readonly DateTime Now = TimeProvider.System.GetUtcNow().UtcDateTime;

    private SecurityKey Key => parts.Host.Services.GetRequiredService<IssuerKeys>().Keys.First();

    [Fact]
    public async Task Every_invalid_token_gets_the_same_401_at_every_route()
    {
        var (revoked, deleted, disabled, disabledMachine) =
            (await Revoked(), await Deleted(), await DisabledApp(), await DisabledMachine());
        var person = await parts.Host.NewPerson();
        var app = await parts.Host.NewApp();
        using var browser = new Browser(parts.Host);
        var real = await parts.Host.Tokens(browser, app, person);
        using var another = RSA.Create(2048);
        var (unknownKey, unknownJwk) = SigningClients.NewKey("PS256");
        var publicKey = ((RsaSecurityKey)Key).Rsa;
        var wrong = new ConcurrentBag<string>();
        var cells = 0;
        var routes = AccessTests.Routes(parts.Host).Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is null).ToList();

        // A token with an unknown key waits for the next read of the keys. Routes that are checked at the same time share that read.
        await Parallel.ForEachAsync(routes, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (route, _) =>
        {
            var good = await RouteToken.For(parts.Host, route);
            var none = Body(await Check("no token", null, HttpStatusCode.Unauthorized));
            await Check("good", Make(good), null);
            foreach (var (name, token) in new (string, string)[]
            {
                ("expired", Make(good, token =>
                    (token.NotBefore, token.IssuedAt, token.Expires) = (Now.AddHours(-1), Now.AddHours(-1), Now.AddMinutes(-1)))),
                ("not yet valid", Make(good, token => token.NotBefore = Now.AddMinutes(5))),
                ("an unknown audience", Make(good with { Audience = "elsewhere" })),
                ("another issuer", Make(good, token => token.Issuer = "http://elsewhere.example/")),
                ("alg none", Make(good, token => token.SigningCredentials = null)),
                ("HS256 with the public key, DER", Symmetric(good, publicKey.ExportRSAPublicKey())),
                ("HS256 with the public key, PEM", Symmetric(good, Encoding.ASCII.GetBytes(publicKey.ExportSubjectPublicKeyInfoPem()))),
                ("another key under our kid", Signed(good, new RsaSecurityKey(another) { KeyId = Key.KeyId })),
                ("unknown kid", Signed(good, new RsaSecurityKey(another) { KeyId = "unknown" })),
                ("jku", Signed(good, unknownKey, ("jku", "https://elsewhere.example/keys"))),
                ("x5u", Signed(good, unknownKey, ("x5u", "https://elsewhere.example/chain"))),
                ("embedded jwk", Signed(good, unknownKey, ("jwk", JsonSerializer.SerializeToElement(unknownJwk)))),
                ("id token", real.IdToken),
                ("refresh token", real.RefreshToken),
                ("type of an id token", Make(good, token => token.TokenType = "JWT")),
                ("revoked session", Make(
                    good with { Subject = revoked.Subject, Session = revoked.Session, Role = good.Role ?? UserRole.User })),
                ("deleted user", Make(good with { Subject = deleted, Role = good.Role ?? UserRole.User })),
                ("disabled client", Make(good.Role is null
                    ? good with { Subject = $"client:{disabledMachine}", Client = disabledMachine }
                    : good with { Client = disabled })),
                ("no token at all", "a.b.c"),
            })
            {
                var body = Body(await Check(name, token, HttpStatusCode.Unauthorized));
                if (body != none)
                {
                    wrong.Add($"{AccessTests.Name(route)}, {name}: {body} instead of {none}");
                }
            }

            await Check("wrong scope", Make(good with { Scope = "nothing" }), HttpStatusCode.Forbidden);
            var audiences = parts.Host.Services.GetRequiredService<AccessRules>().Audiences;
            var elsewhere = good with { Audience = audiences.First(audience => audience != good.Audience) };
            await Check("another audience", Make(elsewhere), HttpStatusCode.Forbidden);

            async Task<string> Check(string name, string? token, HttpStatusCode? expected)
            {
                Interlocked.Increment(ref cells);
                using var response = await Send(route, token);
                var challenge = string.Join(", ", response.Headers.WwwAuthenticate);
                var isRight = expected is null
                    ? response.StatusCode is not
                        (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.InternalServerError)
                    : response.StatusCode == expected
                        && response.Content.Headers.ContentType?.MediaType == Problems.ContentType
                        && (expected == HttpStatusCode.Forbidden
                            ? challenge == $"Bearer error=\"insufficient_scope\", scope=\"{good.Scope}\""
                            : challenge is "Bearer" or "Bearer error=\"invalid_token\"");
                if (!isRight)
                {
                    wrong.Add(
                        $"{AccessTests.Name(route)}, {name}: {(int)response.StatusCode} {challenge} "
                            + $"{response.Content.Headers.ContentType}");
                }

                return await response.Content.ReadAsStringAsync(CancellationToken.None);
            }
        });

        Assert.True(wrong.IsEmpty, string.Join('\n', wrong));
        Assert.InRange(routes.Count, 25, int.MaxValue);
        TestContext.Current.SendDiagnosticMessage($"{cells} requests at {routes.Count} routes");
    }

    /// <summary>Userinfo is not a route of a module: OpenIddict handles it, as RFC 6750 requires.</summary>
    [Fact]
    public async Task Userinfo_rejects_every_invalid_token()
    {
        var good = new RouteToken(
            "openid profile",
            IdentityScopes.Audience,
            (await parts.Host.NewPerson()).Id.ToString(),
            UserRole.User,
            "by-hand",
            Guid.NewGuid().ToString());
        var (unknownKey, jwk) = SigningClients.NewKey("PS256");
        foreach (var token in new[]
        {
            Make(
                good, token => (token.NotBefore, token.IssuedAt, token.Expires) = (Now.AddHours(-1), Now.AddHours(-1), Now.AddMinutes(-1))),
            Make(good, token => token.Issuer = "http://elsewhere.example/"),
            Make(good, token => token.SigningCredentials = null),
            Symmetric(good, ((RsaSecurityKey)Key).Rsa.ExportRSAPublicKey()),
            Signed(good, unknownKey, ("jku", "https://elsewhere.example/keys")),
            Signed(good, unknownKey, ("jwk", JsonSerializer.SerializeToElement(jwk))),
            Make(good, token => token.TokenType = "JWT"),
        })
        {
            using var client = parts.Host.Client(token);
            using var response = await client.GetAsync("/connect/userinfo");

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Contains("invalid_token", string.Join(' ', response.Headers.WwwAuthenticate), StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    private async Task<HttpResponseMessage> Send(RouteEndpoint route, string? token)
    {
        using var client = parts.Host.Client(token);
        using var request = new HttpRequestMessage(
            new HttpMethod(AccessTests.Method(route)),
            route.Address().Replace("{id}", Guid.CreateVersion7().ToString(), StringComparison.Ordinal));
        request.Content = request.Method == HttpMethod.Get || request.Method == HttpMethod.Delete ? null : TestUsers.Json("{}");
        return await client.SendAsync(request);
    }

    private string Make(RouteToken token, Action<SecurityTokenDescriptor>? alter = null) =>
        token.Make(parts.Host, parts.Settings.Issuer, alter);

    private string Signed(RouteToken token, SecurityKey key, params (string Name, object Value)[] header) => Make(token, descriptor =>
    {
        descriptor.SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSsaPssSha256);
        descriptor.AdditionalHeaderClaims = header.ToDictionary(pair => pair.Name, pair => pair.Value);
    });

    private string Symmetric(RouteToken token, byte[] key) => Make(token, descriptor =>
        descriptor.SigningCredentials = new SigningCredentials(
            new SymmetricSecurityKey(key) { KeyId = Key.KeyId }, SecurityAlgorithms.HmacSha256));

    private async Task<(string Subject, string Session)> Revoked()
    {
        var person = await parts.Host.NewPerson();
        var token = (await parts.Host.Token(person)).AccessToken;
        var session = new JsonWebToken(token).GetClaim("sid").Value;
        using var self = parts.Host.Client(token);
        Assert.Equal(HttpStatusCode.NoContent, (await self.DeleteAsync($"/account/sessions/{session}")).StatusCode);
        await Refused(self);
        return (person.Id.ToString(), session);
    }

    private async Task<string> Deleted()
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);
        using var admin = await parts.Host.Superadmin();
        Assert.True((await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}")).IsSuccessStatusCode);
        await Refused(self);
        return person.Id.ToString();
    }

    private async Task<string> DisabledApp()
    {
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        using var self = parts.Host.Client((await parts.Host.Tokens(browser, app, person)).AccessToken);
        using var admin = await parts.Host.Admin();
        Assert.Equal(HttpStatusCode.OK, (await admin.PatchClient(app.Id, """{"enabled":false}""")).StatusCode);
        await Refused(self);
        return app.Id;
    }

    private async Task<string> DisabledMachine()
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("ecgs:read", "users:read");
        using var client = parts.Host.Client(await parts.Host.MachineToken(id, secret, "ecgs:read users:read"));
        Assert.Equal(HttpStatusCode.OK, (await admin.PatchClient(id, """{"enabled":false}""")).StatusCode);
        await Refused(client, EcgCalls.Route, TestUsers.Route);
        return id;
    }

    /// <summary>Sends the token to one route of each module that it was issued for.</summary>
    private static async Task Refused(HttpClient client, params string[] routes)
    {
        foreach (var route in routes.Length == 0 ? [EcgCalls.Route, $"{TestUsers.Route}/me", "/account/sessions"] : routes)
        {
            await Eventually.Holds(async () => (await client.GetAsync(route)).StatusCode == HttpStatusCode.Unauthorized);
        }
    }

    /// <summary>Removes the values that differ in every response.</summary>
    private static string Body(string problem)
    {
        var body = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(problem.Length == 0 ? "{}" : problem)!;
        body.Remove("traceId");
        return JsonSerializer.Serialize(body);
    }
}
