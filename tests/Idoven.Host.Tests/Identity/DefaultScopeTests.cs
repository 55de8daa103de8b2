using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>
/// Tests that a token requested without a scope has all scopes that the client is registered for, and that responses name them.
/// </summary>
public sealed partial class DefaultScopeTests(RunningParts parts)
{
    private const string Introduction = "the introduction of the OpenAPI document";

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public async Task A_machine_client_gets_every_scope_that_it_is_registered_for_and_no_other(string? scope)
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("users:read", "ecgs:write", "ecgs:read");

        var response = await parts.Host.Token(ForMachine(id, secret, scope));

        var token = new JsonWebToken(response.AccessToken);
        Assert.Equal("ecgs:read ecgs:write users:read", response.Scope);
        Assert.Equal(response.Scope, token.GetClaim("scope").Value);
        Assert.Equal(["idoven.ecgs", "idoven.users"], token.Audiences.Order());
    }

    [Fact]
    public async Task A_client_without_any_scope_for_tokens_gets_invalid_scope()
    {
        var asker = await parts.Host.OnHost("register", "An asker of a test", "introspection");

        Assert.Equal("invalid_scope", await parts.Host.TokenError(ForMachine(asker["id"], asker["secret"], scope: null)));
    }

    [Theory]
    [InlineData("user", "account ecgs:read ecgs:write profile users:read users:write")]
    [InlineData("admin", "account clients:manage profile users:read users:write")]
    [InlineData("superadmin", "account clients:manage operations profile users:read users:write")]
    public async Task Password_grant_without_scope_gives_the_scopes_of_the_client_that_the_role_allows(string role, string scopes)
    {
        var form = (await parts.Host.NewPerson(role)).PasswordGrant();
        form.Remove("scope");

        var response = await parts.Host.Token(form);

        Assert.Equal(scopes, response.Scope);
        Assert.Equal(scopes, new JsonWebToken(response.AccessToken).GetClaim("scope").Value);
    }

    [Fact]
    public async Task Every_response_with_a_token_names_its_scopes()
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("ecgs:read", "ecgs:write");
        var (app, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        using var browser = new Browser(parts.Host);
        var code = (await browser.SignInAndAllow(app.Authorize(), person)).Sent("code")!;

        var byCode = await parts.Host.Token(app.Code(code));
        var byRefresh = await parts.Host.Token(app.Refresh(byCode.RefreshToken!));
        var byPassword = await parts.Host.Token(person, "ecgs:read offline_access");

        Assert.Equal("ecgs:read", (await parts.Host.Token(ForMachine(id, secret, "ecgs:read"))).Scope);
        Assert.Equal("ecgs:read offline_access", byPassword.Scope);
        Assert.Equal(Sorted(TestApp.Scope), Sorted(byCode.Scope));
        Assert.Equal(Sorted(TestApp.Scope), Sorted(byRefresh.Scope));
    }

    /// <summary>A client that sends exactly the documented request gets a token that it can use.</summary>
    [Theory]
    [InlineData(Introduction)]
    [InlineData("README.md")]
    [InlineData("docs/sign-in.md")]
    public async Task Documented_token_request_gives_a_token_for_ecgs(string document)
    {
        var file = Path.Combine(Repository.Root, document);
        var text = document == Introduction ? await ReadIntroduction() : await File.ReadAllTextAsync(file);
        Assert.Contains("`POST /connect/token`", text, StringComparison.Ordinal);
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("ecgs:read", "ecgs:write");
        var described = Form().Match(text).Groups["form"].Value;
        var form = described.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(("ID", "SECRET"), (form["client_id"], form["client_secret"]));
        (form["client_id"], form["client_secret"]) = (id, secret);

        var response = await parts.Host.Token(form);

        using var owner = parts.Host.Client(response.AccessToken);
        var ecg = await owner.Submit();
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);
    }

    private async Task<string> ReadIntroduction()
    {
        var document = await parts.Host.Anonymous.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        return document.GetProperty("info").GetProperty("description").GetString()!;
    }

    private static Dictionary<string, string> ForMachine(string id, string secret, string? scope)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret };
        if (scope is not null)
        {
            form["scope"] = scope;
        }

        return form;
    }

    private static IEnumerable<string> Sorted(string? scopes) => scopes!.Split(' ').Order(StringComparer.Ordinal);

    [GeneratedRegex("`(?<form>grant_type=client_credentials[^`]*)`")]
    private static partial Regex Form();
}
