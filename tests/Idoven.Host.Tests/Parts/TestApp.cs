using System.Buffers.Text;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents an application that users sign in through and that no other test uses.</summary>
internal sealed record TestApp(string Id, string? Secret)
{
    public const string RedirectUri = "https://app.example/signed-in";
    public const string SignedOutUri = "https://app.example/signed-out";
    public const string Scope = "openid profile offline_access account ecgs:read ecgs:write users:read users:write";
    public const string Verifier = "a-verifier-of-43-characters-or-more-as-RFC-7636-has-it";

    public static string Challenge { get; } = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>Returns the address to which the application sends a user.</summary>
    /// <param name="others">Parameters that are added to the usual ones or replace them; null removes one.</param>
    public string Authorize(params (string Name, string? Value)[] others)
    {
        var parameters = new Dictionary<string, string?>
        {
            ["client_id"] = Id,
            ["redirect_uri"] = RedirectUri,
            ["response_type"] = "code",
            ["scope"] = Scope,
            ["state"] = "a state",
            ["nonce"] = "a nonce",
            ["code_challenge"] = Challenge,
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in others)
        {
            parameters[name] = value;
        }

        return Address("/connect/authorize", parameters);
    }

    public static string Logout(params (string Name, string? Value)[] parameters) => Address("/connect/logout", parameters.ToDictionary());

    private static string Address(string path, IEnumerable<KeyValuePair<string, string?>> parameters) =>
        $"{path}?" + string.Join('&', parameters
            .Where(pair => pair.Value is not null)
            .Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"));

    public Dictionary<string, string> Code(string code) => Client(new()
    {
        ["grant_type"] = "authorization_code",
        ["code"] = code,
        ["redirect_uri"] = RedirectUri,
        ["code_verifier"] = Verifier,
    });

    public Dictionary<string, string> Refresh(string token) =>
        Client(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = token });

    public Dictionary<string, string> Client(Dictionary<string, string> form)
    {
        form["client_id"] = Id;
        if (Secret is not null)
        {
            form["client_secret"] = Secret;
        }

        return form;
    }
}

internal sealed record AppTokens(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("refresh_token")] string RefreshToken,
    [property: JsonPropertyName("id_token")] string IdToken);

/// <summary>Registers applications and signs users in through them.</summary>
internal static class TestApps
{
    private static readonly string[] OnHost = ["account", "ecgs:read", "ecgs:write"];

    /// <summary>Grants an application scopes for ECGs or the account, which only the operator of the host can do.</summary>
    /// <returns>Its new secret; null for a public client.</returns>
    public static async Task<string?> Grant(this RunningHost host, string id, params string[] scopes) =>
        (await host.OnHost(["grant", id, .. scopes])).GetValueOrDefault("secret");

    public static async Task<TestApp> NewApp(this RunningHost host, string name = "An app of a test", bool isPublic = true)
    {
        using var admin = await host.Admin();
        using var response = await admin.PostAsync(TestClients.Route, JsonContent.Create(new Dictionary<string, object>
        {
            ["name"] = name,
            ["scopes"] = $"{TestApp.Scope} clients:manage".Split(' ').Except(OnHost),
            ["redirectUris"] = new[] { TestApp.RedirectUri },
            ["postLogoutRedirectUris"] = new[] { TestApp.SignedOutUri },
            ["public"] = isPublic,
        }));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var client = await response.Content.ReadFromJsonAsync<JsonElement>();
        return new TestApp(client.ClientId(), await host.Grant(client.ClientId(), OnHost));
    }

    /// <summary>Opens the authorization address, signs in, and returns the next page: the consent page or the redirect.</summary>
    public static async Task<WebPage> SignIn(this Browser browser, string authorize, string username, string password)
    {
        var page = await browser.Get(authorize);
        Assert.Equal("Sign in", page.Heading);
        var response = await browser.Press(page, "sign-in", ("username", username), ("password", password));
        Assert.Equal(HttpStatusCode.Redirect, response.Status);
        return await browser.Get(response.Location);
    }

    public static Task<WebPage> SignIn(this Browser browser, string authorize, TestUser person) =>
        browser.SignIn(authorize, person.Username, TestUser.Password);

    /// <summary>Signs in, consents, and returns the redirect to the application, which has the code.</summary>
    public static async Task<WebPage> SignInAndAllow(this Browser browser, string authorize, TestUser person)
    {
        var consent = await browser.SignIn(authorize, person);
        Assert.StartsWith("Allow ", consent.Heading, StringComparison.Ordinal);
        var back = await browser.Press(consent, "allow");
        Assert.NotNull(back.Sent("code"));
        return back;
    }

    /// <summary>Runs the whole flow and returns the tokens.</summary>
    public static async Task<AppTokens> Tokens(this RunningHost host, Browser browser, TestApp app, TestUser person) =>
        await host.Redeem(app, (await browser.SignInAndAllow(app.Authorize(), person)).Sent("code")!);

    public static async Task<AppTokens> Redeem(this RunningHost host, TestApp app, string code)
    {
        using var response = await host.Anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(app.Code(code)));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<AppTokens>())!;
    }

    /// <summary>Returns the error of the token endpoint; null if it issues tokens.</summary>
    public static async Task<string?> TokenError(this RunningHost host, Dictionary<string, string> form)
    {
        using var response = await host.Anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(form));
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        return response.IsSuccessStatusCode ? null : answer.GetProperty("error").GetString();
    }
}
