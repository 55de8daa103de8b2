using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Creates requests to the token endpoints and to the account routes that are valid except for a few parameters. In the first requests each
/// parameter of each address is empty once and a NUL once; in the others up to three are empty, have a NUL, are missing, repeated, too
/// long, or of another form.
/// </summary>
internal sealed class InvalidRequests
{
    private const int MaxChanges = 3;
    private const int LongLength = 2000;

    private static readonly string[] Values =
    [
        "", "", "", "", "", "\0", "\0", "\0", "a\0b", " ", "\t\r\n", "\uFFFD", "%", "%00", "-1", "99999999999999999999", "null", "a b",
        "\u202E\u200B", "\U0001F600", "https://evil.example/", "//evil.example", "javascript:alert(1)", "http://[", "a.b.c",
        "a.b.c.d.e", "eyJhbGciOiJub25lIn0.e30.", "{}", "[]", "'", "\"<b>", "../..", "=&,", new string('x', LongLength),
    ];

    /// <summary>JSON values that are not strings: most of them are rejected before a handler reads them.</summary>
    private static readonly string[] OtherJson = ["null", "1", "[]", "{}", "true", "\"\\ud800\""];

    private readonly Target[] targets;
    private readonly (Target Target, int Field, string Value)[] singles;
    private readonly (string Name, string Value)[] form;
    private readonly string cookie;

    private InvalidRequests(Target[] targets, (string Name, string Value)[] form, string cookie)
    {
        (this.targets, this.form, this.cookie) = (targets, form, cookie);
        singles =
        [
            .. from target in targets
               from field in Enumerable.Range(0, target.Json?.Count ?? target.Fields.Length)
               from value in new[] { "", "\0" }
               select (target, field, value),
        ];
    }

    /// <summary>Gets the number of requests with one empty parameter or one with a NUL.</summary>
    public int Singles => singles.Length;

    /// <summary>Gets the addresses of the requests, each with its method.</summary>
    public IEnumerable<string> Addresses => targets.Select(target => $"{target.Method} {target.Path}").Distinct();

    /// <summary>
    /// Creates requests for every route of the host below <c>/connect</c> and <c>/account</c>, and for the token endpoints that are not
    /// routes.
    /// </summary>
    public static async Task<InvalidRequests> Create(RunningHost host, string issuer)
    {
        var app = await host.NewApp();
        var targets = OfTokenServer(app).ToList();
        foreach (var route in AccessTests.Routes(host).Where(IsTested))
        {
            var token = route.NeedsToken() ? (await RouteToken.For(host, route)).Make(host, issuer) : null;
            var (method, path) = (AccessTests.Method(route), route.Address());
            var example = route.Metadata.GetMetadata<BodyNote>()?.Example;
            targets.Add(example is not null
                ? new Target(method, path, token, [], JsonNode.Parse(example)!.AsObject())
                : new Target(method, path, token, IsOfTokenServer(path) ? OfConnect(app, path) : OfPages()));
        }

        // With a valid form token, the rest of the form is read too.
        using var browser = new Browser(host);
        var page = await browser.Get("/account/recovery");
        var cookie = page.Response.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        return new InvalidRequests([.. targets], [.. page.Fields.Select(field => (field.Key, field.Value))], cookie);
    }

    /// <summary>Returns the same request for the same number.</summary>
    public (HttpRequestMessage Request, string Shown) Make(int number)
    {
        var random = new Random(number);
        (int Field, string Value)? single = number < singles.Length ? (singles[number].Field, singles[number].Value) : null;
        return Make(random, single is null ? targets[random.Next(targets.Length)] : singles[number].Target, single);
    }

    private (HttpRequestMessage Request, string Shown) Make(Random random, Target target, (int Field, string Value)? single)
    {
        var id = random.Next(3) == 0 ? Escape(Pick(random, Values[5..])) : Guid.CreateVersion7().ToString();
        var path = target.Path.Replace("{id}", id, StringComparison.Ordinal);
        if (target.Json is { } example)
        {
            var json = single is { } member ? Set(example, member) : Change(random, example);
            var withBody = new HttpRequestMessage(new HttpMethod(target.Method), path);
            withBody.Content = new StringContent(json, Encoding.UTF8, "application/json");
            return Show(withBody, target, json);
        }

        var isForm = target.Method == "POST";
        var valid = isForm ? [.. target.Fields, .. form] : target.Fields;
        var fields = single is { } parameter ? Set(valid, parameter) : Change(random, valid);
        var text = string.Join('&', fields.Select(field => $"{Escape(field.Name)}={Escape(field.Value)}"));
        var request = new HttpRequestMessage(new HttpMethod(target.Method), isForm || text.Length == 0 ? path : $"{path}?{text}");
        if (isForm)
        {
            request.Content = new StringContent(text, Encoding.UTF8, "application/x-www-form-urlencoded");
            request.Headers.Add("Cookie", cookie);
        }

        if (IsOfTokenServer(target.Path) && random.Next(20) == 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Pick(random, Values)}:{Pick(random, Values)}")));
        }

        return Show(request, target, text);
    }

    private static bool IsTested(RouteEndpoint route) =>
        IsOfTokenServer(route.Address()) || route.Address().StartsWith("/account/", StringComparison.Ordinal);

    private static bool IsOfTokenServer(string path) => path.StartsWith("/connect/", StringComparison.Ordinal);

    private static (HttpRequestMessage Request, string Shown) Show(HttpRequestMessage request, Target target, string sent)
    {
        request.Headers.Authorization ??= target.Token is null ? null : new AuthenticationHeaderValue("Bearer", target.Token);
        return (request, $"{target.Method} {request.RequestUri} {(request.Content is null ? "" : sent)}");
    }

    private static List<(string Name, string Value)> Set((string Name, string Value)[] valid, (int Field, string Value) single)
    {
        var fields = valid.ToList();
        fields[single.Field] = (fields[single.Field].Name, single.Value);
        return fields;
    }

    private static string Set(JsonObject example, (int Field, string Value) single)
    {
        var body = example.DeepClone().AsObject();
        body[body.ElementAt(single.Field).Key] = single.Value;
        return body.ToJsonString();
    }

    private static List<(string Name, string Value)> Change(Random random, (string Name, string Value)[] valid)
    {
        var fields = valid.ToList();
        for (var changes = random.Next(1, MaxChanges + 1); changes > 0 && fields.Count > 0; changes--)
        {
            var at = random.Next(fields.Count);
            switch (random.Next(8))
            {
                case 0:
                    fields.RemoveAt(at);
                    break;
                case 1:
                    fields.Add((fields[at].Name, Pick(random, Values)));
                    break;
                case 2:
                    fields.Add((Pick(random, Values), Pick(random, Values)));
                    break;
                default:
                    fields[at] = (fields[at].Name, Pick(random, Values));
                    break;
            }
        }

        return fields;
    }

    private static string Change(Random random, JsonObject example)
    {
        var body = example.DeepClone().AsObject();
        var names = body.Select(member => member.Key).ToArray();
        for (var changes = random.Next(1, MaxChanges + 1); changes > 0; changes--)
        {
            body[Pick(random, names)] = Pick(random, Values);
        }

        var text = body.ToJsonString();
        if (random.Next(8) == 0)
        {
            body[Pick(random, names)] = "replaced";
            text = body.ToJsonString().Replace("\"replaced\"", Pick(random, OtherJson), StringComparison.Ordinal);
        }

        return text;
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static IEnumerable<Target> OfTokenServer(TestApp app)
    {
        (string, string)[] gateway = [("client_id", "demo-gateway"), ("client_secret", "demo-gateway-secret")];
        (string, string)[] token = [("token", "a token"), ("token_type_hint", "access_token")];
        (string, string)[] user = [("client_id", "idoven-cli")];
        const string TokenPath = "/connect/token";
        yield return new Target(
            "POST", TokenPath, null, [("grant_type", "client_credentials"), .. gateway, ("scope", "ecgs:read ecgs:write")]);
        yield return new Target("POST", TokenPath, null, [.. app.Code("a code").Select(field => (field.Key, field.Value))]);
        yield return new Target("POST", TokenPath, null, [("grant_type", "refresh_token"), .. user, ("refresh_token", "a token")]);
        yield return new Target(
            "POST", TokenPath, null, [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), .. user, ("device_code", "a code")]);
        yield return new Target(
            "POST", TokenPath, null,
            [
                ("grant_type", "client_credentials"), ("client_assertion", "a.b.c"),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ]);
        yield return new Target("POST", "/connect/device", null, [("client_id", app.Id), ("scope", "openid")]);
        yield return new Target("POST", "/connect/introspect", null, [.. gateway, .. token]);
        yield return new Target("POST", "/connect/revoke", null, [.. gateway, .. token]);
    }

    private static (string Name, string Value)[] OfConnect(TestApp app, string path) => path switch
    {
        "/connect/token" =>
        [
            ("grant_type", "password"), ("client_id", "idoven-cli"), ("username", "user"), ("password", "wrong"), ("otp", "123456"),
            ("scope", "openid"),
        ],
        "/connect/verify" or "/connect/verified" => [("user_code", "BCDF-GHJK"), .. OfPages()],
        "/connect/userinfo" => [("access_token", "a token")],
        "/connect/logout" =>
        [
            ("id_token_hint", "a.b.c"), ("client_id", app.Id), ("post_logout_redirect_uri", TestApp.SignedOutUri), ("state", "a state"),
            ("answer", "sign-out"),
        ],
        _ =>
        [
            .. from pair in app.Authorize().Split('?')[1].Split('&')
               let words = pair.Split('=', 2)
               select (words[0], Uri.UnescapeDataString(words[1])),
            ("prompt", "login"), ("max_age", "60"), ("login_hint", "user"), ("id_token_hint", "a.b.c"), ("acr_values", "1"),
            ("ui_locales", "en"), ("response_mode", "query"), ("answer", "sign-in"), ("username", "user"), ("password", "wrong"),
            ("step", "a step"),
        ],
    };

    /// <summary>Gets the fields of all pages.</summary>
    private static (string Name, string Value)[] OfPages() =>
    [
        ("token", "a token"), ("identifier", "user"), ("code", "aaaa-bbbb-cccc-dddd"), ("password", "an even longer password"),
        ("repeated", "an even longer password"), ("answer", "choose"), ("limit", "2"), ("cursor", "a"),
    ];

    private sealed record Target(string Method, string Path, string? Token, (string Name, string Value)[] Fields, JsonObject? Json = null);
}
