using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Tests that every route that accepts a secret of a user counts a wrong one by the address of the caller. The routes are read from the
/// host: a new route that accepts a secret in JSON is tested without a change here, and one that accepts a form must be listed here.
/// </summary>
[Trait("Hosts", "one")]
public sealed class CountedSecretsTests(SeparateParts separate) : IClassFixture<SeparateParts>
{
    private const string Wrong = "a wrong secret";
    private static readonly string[] Secrets = ["password", "currentPassword", "code", "token"];
    private static readonly (string, string)[] NewPassword =
    [
        ("password", "an unused good password"), ("repeated", "an unused good password"),
    ];

    /// <summary>Gets the requests that send a wrong secret in a form, by route.</summary>
    private static readonly (string Route, string Secret, Func<Browser, TestApp, Task<WebPage>> Send)[] Forms =
    [
        ("/account/activate/form", "activation token", async (browser, _) =>
            await browser.Press(await browser.Get($"/account/activate?token={Wrong}"), "choose", NewPassword)),
        ("/account/email/form", "verification token", async (browser, _) =>
            await browser.Press(await browser.Get($"/account/email?token={Wrong}"), "verify", ("password", Wrong))),
        ("/account/recovery/form", "recovery token", async (browser, _) =>
            await browser.Press(await browser.Get($"/account/recovery?token={Wrong}"), "choose", NewPassword)),
        ("/account/recovery/form", "recovery code", async (browser, _) => await browser.Press(
            await browser.Get("/account/recovery/code"), "use-code", [("identifier", "user"), ("code", Wrong), .. NewPassword])),
        ("/connect/authorize", "password", async (browser, app) =>
            await browser.Press(await browser.Get(app.Authorize()), "sign-in", ("username", "user"), ("password", Wrong))),
        ("/connect/authorize", "token of a two-factor challenge", async (browser, app) => await browser.Press(
            await browser.Get(app.Authorize()), "second-step", ("step", Wrong), ("code", "123456"))),
        ("/connect/authorize", "token of a two-factor set-up", async (browser, app) => await browser.Press(
            await browser.Get(app.Authorize()), "set-up", ("step", Wrong), ("code", "123456"))),
        ("/connect/verify", "password", async (browser, _) => await browser.Press(
            await browser.Get("/connect/verify?user_code=BBBB-BBBB"), "sign-in", ("username", "user"), ("password", Wrong))),
        ("/connect/token", "password", async (browser, _) => await browser.Post(new Uri("/connect/token", UriKind.Relative), new()
        {
            ["grant_type"] = "password",
            ["client_id"] = "idoven-cli",
            ["username"] = "user",
            ["password"] = Wrong,
            ["scope"] = "openid",
        })),
    ];

    /// <summary>Gets the routes whose forms have no secret.</summary>
    private static readonly string[] WithoutSecret = ["/connect/logout", "/connect/userinfo"];

    /// <summary>
    /// A code that sets up an app is counted with the codes of the account:
    /// <c>SecondFactorTests.Sign_in_restarts_after_five_wrong_codes</c>.
    /// </summary>
    private static readonly string[] CountedWithTheApp = ["/account/second-factor/confirm"];

    [Fact]
    public async Task Every_route_that_accepts_a_secret_of_a_user_counts_failed_attempts_by_address()
    {
        await using var host = await RunningHost.Start(separate.Settings);
        var app = await host.NewApp();
        var accessToken = (await host.Token(await host.NewPerson())).AccessToken;
        var writes = AccessTests.Routes(host).Where(route => AccessTests.Method(route) is not "GET").ToList();
        var forms = writes.Where(route => route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription == true)
            .Select(HostRoutes.Address)
            .ToList();
        Assert.Equal(
            [.. Forms.Select(form => form.Route).Concat(WithoutSecret).Distinct().Order(StringComparer.Ordinal)],
            forms.Distinct().Order(StringComparer.Ordinal));

        var notCounted = new List<string>();
        foreach (var (route, secret, send) in Forms)
        {
            await Try($"{route} {secret}", async from =>
            {
                using var browser = new Browser(host, from: from);
                return (await send(browser, app)).Status;
            });
        }

        var tried = new List<string>();
        foreach (var route in writes.Where(route => !CountedWithTheApp.Contains(route.Address())))
        {
            if (route.Metadata.GetMetadata<BodyNote>() is { } body && WithWrongSecrets(body) is { } json)
            {
                tried.Add(route.Address());
                await Try(route.Address(), async from =>
                {
                    using var client = new HttpClient(SourceAddress.Handler(from)) { BaseAddress = host.Address };
                    client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
                    using var content = new StringContent(json, Encoding.UTF8, "application/json");
                    using var response = await client.PostAsync(route.Address(), content);
                    return response.StatusCode;
                });
            }
        }

        Assert.Empty(notCounted);
        Assert.Superset(
            new HashSet<string> { "/account/recover/code", "/account/recover/token", "/account/activate", "/account/password" },
            new HashSet<string>(tried));
        TestContext.Current.SendDiagnosticMessage($"{Forms.Length} forms, {tried.Count} routes with JSON: {string.Join(", ", tried)}");

        // The address is new, so its first failed attempt adds a row.
        async Task Try(string name, Func<IPAddress, Task<HttpStatusCode>> send)
        {
            var before = await Rows();
            var status = await send(SourceAddress.New());
            if (await Rows() == before || status != HttpStatusCode.BadRequest)
            {
                notCounted.Add($"{name}: {(int)status}");
            }
        }

        Task<long> Rows() => host.Query<long>("select count(*) from identity.guesses");
    }

    /// <summary>Returns whether a route accepts a secret of a user, which must then be counted.</summary>
    internal static bool TakesSecret(RouteEndpoint route) =>
        CountedWithTheApp.Contains(route.Address())
        || (AccessTests.Method(route) == "POST" && Forms.Any(form => form.Route == route.Address()))
        || (route.Metadata.GetMetadata<BodyNote>() is { } body && WithWrongSecrets(body) is not null);

    /// <returns>Null if the body has no secret.</returns>
    private static string? WithWrongSecrets(BodyNote body)
    {
        var json = JsonNode.Parse(body.Example)!.AsObject();
        var secrets = body.Type.GetProperties()
            .Select(property => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(property.Name))
            .Intersect(Secrets)
            .ToList();
        foreach (var secret in secrets)
        {
            json[secret] = Wrong;
        }

        return secrets.Count == 0 ? null : json.ToJsonString();
    }
}
