using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests that a machine client for ECGs gets its first credential itself and then changes it itself.</summary>
public sealed class EnrolmentTests(RunningParts parts)
{
    private const string Route = TestClients.Route;

    [Fact]
    public async Task A_client_for_ecgs_is_registered_without_a_credential_and_exchanges_its_token_once()
    {
        using var admin = await parts.Host.Admin();

        var client = await admin.RegisterClient("ecgs:read", "users:read");
        var id = client.ClientId();
        Assert.Equal(
            (JsonValueKind.Null, true, 0),
            (
                client.GetProperty("secret").ValueKind, client.GetProperty("enrolling").GetBoolean(),
                client.GetProperty("liveSecrets").GetInt32()));
        var end = client.GetProperty("enrolment").GetProperty("expiresAt").GetDateTimeOffset();
        var lifetime = end - client.GetProperty("createdAt").GetDateTimeOffset();
        Assert.Equal((43, TimeSpan.FromHours(72)), (client.EnrolmentToken().Length, lifetime));
        foreach (var secret in new[] { "none", client.EnrolmentToken() })
        {
            Assert.Equal("invalid_client", await parts.Host.TokenError(Form(id, secret, "users:read")));
        }

        using var enrolled = await admin.Enrol(id, client.EnrolmentToken());
        var body = await enrolled.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((HttpStatusCode.OK, id), (enrolled.StatusCode, body.GetProperty("clientId").GetString()));
        Assert.Null(await parts.Host.TokenError(Form(id, body.GetProperty("secret").GetString()!)));
        var read = await admin.GetFromJsonAsync<JsonElement>($"{Route}/{id}");
        Assert.Equal((false, 1), (read.GetProperty("enrolling").GetBoolean(), read.GetProperty("liveSecrets").GetInt32()));
        Assert.Equal("/token", await admin.Enrol(id, client.EnrolmentToken()).Pointer());
        Assert.Equal(0L, await parts.Host.Query<long>(
            "select count(*) from identity.client_enrolments where token_hash = $1", client.EnrolmentToken()));
    }

    [Fact]
    public async Task Only_one_of_many_concurrent_uses_of_an_enrolment_token_gives_a_secret()
    {
        using var admin = await parts.Host.Admin();
        var client = await admin.RegisterClient("ecgs:write");

        var responses = await Task.WhenAll(Enumerable.Range(0, 15).Select(_ => admin.Enrol(client.ClientId(), client.EnrolmentToken())));

        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.OK);

        // The number of waiting attempts for one token is limited.
        Assert.All(
            responses.Where(response => response.StatusCode != HttpStatusCode.OK),
            response => Assert.Contains(response.StatusCode, new[] { HttpStatusCode.BadRequest, HttpStatusCode.ServiceUnavailable }));
        Assert.Equal(1, (await admin.GetFromJsonAsync<JsonElement>($"{Route}/{client.ClientId()}")).GetProperty("liveSecrets").GetInt32());
    }

    [Fact]
    public async Task Client_registers_its_key_and_an_invalid_key_does_not_use_up_the_enrolment_token()
    {
        using var admin = await parts.Host.Admin();
        var client = await admin.RegisterClient("ecgs:read");
        var (key, jwk) = SigningClients.NewKey("ES256");

        var none = new { keys = Array.Empty<object>() };
        Assert.Equal("/jwks/keys", await admin.Enrol(client.ClientId(), client.EnrolmentToken(), none).Pointer());
        using var enrolled = await admin.Enrol(client.ClientId(), client.EnrolmentToken(), new { keys = new[] { jwk } });

        Assert.Equal(JsonValueKind.Null, (await enrolled.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").ValueKind);
        var signing = new SigningClient(client.ClientId(), key, "ES256");
        Assert.Null(await parts.Host.TokenError(signing.Form(signing.Assertion(parts.Settings.Issuer))));
    }

    public static TheoryData<string> Wrong =>
        ["used", "expired", "another client's", "unknown", "replaced", "of a disabled client", "of a client that got a secret on the host"];

    [Theory, MemberData(nameof(Wrong))]
    public async Task Every_invalid_enrolment_token_gets_the_same_response_and_is_recorded_for_its_client(string wrong)
    {
        using var admin = await parts.Host.Admin();
        var client = await admin.RegisterClient("ecgs:read");
        var (id, token) = (client.ClientId(), client.EnrolmentToken());
        var other = (await admin.RegisterClient("ecgs:read")).ClientId();
        switch (wrong)
        {
            case "used":
                (await admin.Enrol(id, token)).Dispose();
                break;
            case "expired":
                await parts.Host.Execute(
                    "update identity.client_enrolments e set expires_at = now() from identity.clients c where c.id = client_key "
                        + $"and client_id = '{id}'");
                break;
            case "replaced":
                (await admin.PostAsync($"{Route}/{id}/enrolment", null)).Dispose();
                break;
            case "of a disabled client":
                (await admin.PatchClient(id, """{"enabled":false}""")).Dispose();
                break;
            case "of a client that got a secret on the host":
                await parts.Host.OnHost("secret", id);
                break;
            case "unknown":
                token = $"{Guid.NewGuid():N}{Guid.NewGuid():N}";
                break;
        }

        using var response = await admin.Enrol(wrong == "another client's" ? other : id, token);
        var problem = await response.Problem(HttpStatusCode.BadRequest);

        Assert.Equal(
            ("/problems/bad-request", """[{"pointer":"/token","detail":"The token is invalid or expired."}]"""),
            (problem.GetProperty("type").GetString(), problem.GetProperty("errors").GetRawText()));
        Assert.Equal(wrong == "used" ? "used_token" : "token", await Rejected(id));
        if (wrong == "another client's")
        {
            Assert.Equal("token", await Rejected(other));
        }

        async Task<string?> Rejected(string target)
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"{Route}/audit?target={target}&action=client.enrol&outcome=refused");
            return Assert.Single(page.GetProperty("items").EnumerateArray()).GetProperty("reason").GetString();
        }
    }

    [Fact]
    public async Task Client_sees_that_its_used_enrolment_token_was_tried_again()
    {
        using var admin = await parts.Host.Admin();
        var client = await admin.RegisterClient("ecgs:read");
        using var enrolled = await admin.Enrol(client.ClientId(), client.EnrolmentToken());
        (await admin.Enrol(client.ClientId(), client.EnrolmentToken())).Dispose();
        var secret = (await enrolled.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        using var self = await Self(client.ClientId(), secret);

        var entries = (await self.GetFromJsonAsync<JsonElement>($"{Route}/me/audit")).GetProperty("items").EnumerateArray()
            .Select(entry => $"{entry.GetProperty("action")} {entry.GetProperty("outcome")} {entry.GetProperty("reason")}".TrimEnd())
            .ToList();

        Assert.Equal(
            ["token.client_credentials success", "client.enrol refused used_token", "client.enrol success", "client.register success"],
            entries);
    }

    [Fact]
    public async Task New_enrolment_token_is_issued_until_the_client_has_a_credential()
    {
        using var admin = await parts.Host.Admin();
        var client = await admin.RegisterClient("ecgs:read");
        using var issued = await admin.PostAsync($"{Route}/{client.ClientId()}/enrolment", null);
        Assert.Equal(HttpStatusCode.Created, issued.StatusCode);

        var token = (await issued.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        using var enrolled = await admin.Enrol(client.ClientId(), token);

        Assert.Equal(HttpStatusCode.OK, enrolled.StatusCode);
        var problem = await (await admin.PostAsync($"{Route}/{client.ClientId()}/enrolment", null)).Problem(HttpStatusCode.Conflict);
        Assert.Equal("/problems/already-enrolled", problem.GetProperty("type").GetString());
        var (other, _) = await admin.NewClient("users:read");
        await (await admin.PostAsync($"{Route}/{other}/enrolment", null)).Problem(HttpStatusCode.Conflict);
        await (await admin.PostAsync($"{Route}/{Guid.CreateVersion7()}/enrolment", null)).Problem(HttpStatusCode.NotFound);
    }

    [Theory, InlineData("admin"), InlineData("superadmin")]
    public async Task Administrator_cannot_change_a_credential_of_a_client_for_ecgs(string role)
    {
        using var admin = await parts.Host.SignIn(await parts.Host.NewPerson(role));
        var (id, secret) = await admin.NewClient("ecgs:write");
        var enrolling = (await admin.RegisterClient("ecgs:read")).ClientId();
        var keys = JsonSerializer.Serialize(new { jwks = new { keys = new[] { SigningClients.NewKey("ES256").Jwk } } });

        foreach (var client in new[] { id, enrolling })
        {
            await IsForbidden(admin.PostAsync($"{Route}/{client}/secrets", null));
            await IsForbidden(admin.PatchClient(client, keys));
            await IsForbidden(admin.PatchClient(client, """{"jwks":null}"""));
        }

        using var renamed = await admin.PatchClient(id, """{"name":"another name"}""");
        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
        Assert.Null(await parts.Host.TokenError(Form(id, secret, "ecgs:write")));

        static async Task IsForbidden(Task<HttpResponseMessage> sending)
        {
            var problem = await (await sending).Problem(HttpStatusCode.Forbidden);
            Assert.Equal("/problems/client-credentials", problem.GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task Client_changes_only_its_own_secret_and_keys()
    {
        using var admin = await parts.Host.Admin();
        var (id, first) = await admin.NewClient("ecgs:read");
        var (other, _) = await admin.NewClient("users:read");
        using var self = await Self(id, first);

        using var rotated = await self.PostAsync($"{Route}/{id}/secrets", null);
        Assert.Equal(HttpStatusCode.Created, rotated.StatusCode);
        var second = (await rotated.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!;
        Assert.Null(await parts.Host.TokenError(Form(id, first)));
        Assert.Null(await parts.Host.TokenError(Form(id, second)));

        Assert.Equal(2, (await self.GetFromJsonAsync<JsonElement>($"{Route}/{id}")).GetProperty("liveSecrets").GetInt32());
        await (await self.PatchClient(id, """{"enabled":true}""")).Problem(HttpStatusCode.Forbidden);
        await (await self.PatchClient(id, """{"name":"another name"}""")).Problem(HttpStatusCode.Forbidden);
        Assert.Equal("/jwks", await self.PatchClient(id, """{"jwks":null}""").Pointer());
        var (key, jwk) = SigningClients.NewKey("ES256");
        using var replaced = await self.PatchClient(id, JsonSerializer.Serialize(new { jwks = new { keys = new[] { jwk } } }));
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
        Assert.Equal("invalid_client", await parts.Host.TokenError(Form(id, second)));
        var signing = new SigningClient(id, key, "ES256");
        Assert.Null(await parts.Host.TokenError(signing.Form(signing.Assertion(parts.Settings.Issuer))));

        foreach (var client in new[] { other, Guid.CreateVersion7().ToString() })
        {
            await (await self.GetAsync($"{Route}/{client}")).Problem(HttpStatusCode.NotFound);
            await (await self.PostAsync($"{Route}/{client}/secrets", null)).Problem(HttpStatusCode.NotFound);
            await (await self.PatchClient(client, """{"name":"another name"}""")).Problem(HttpStatusCode.NotFound);
        }

        foreach (var route in new[] { Route, $"{Route}/audit" })
        {
            await (await self.GetAsync(route)).Problem(HttpStatusCode.Forbidden);
        }

        await (await self.DeleteAsync($"{Route}/{id}")).Problem(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Token_for_ecgs_changes_no_credential_and_users_get_no_scope_that_does()
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("ecgs:read");
        using var gateway = parts.Host.Client(await parts.Host.MachineToken(id, secret, "ecgs:read"));
        await (await gateway.PostAsync($"{Route}/{id}/secrets", null)).Problem(HttpStatusCode.Forbidden);

        await Assert.ThrowsAsync<InvalidOperationException>(() => parts.Host.Token("user", "user-demo-password", "clients:self"));
        using var browser = new Browser(parts.Host);
        var app = await parts.Host.NewApp();
        Assert.Equal("invalid_scope", (await browser.Get(app.Authorize(("scope", "openid clients:self")))).Sent("error"));
    }

    [Fact]
    public async Task Scope_for_ecgs_is_added_only_on_the_host_and_with_a_new_secret()
    {
        using var admin = await parts.Host.Admin();
        var (id, known) = await admin.NewClient("users:read");
        await (await admin.PatchClient(id, """{"scopes":["ecgs:read"]}""")).Problem(HttpStatusCode.BadRequest);

        var granted = await parts.Host.OnHost("grant", id, "ecgs:read");

        Assert.Equal("invalid_client", await parts.Host.TokenError(Form(id, known)));
        Assert.Null(await parts.Host.TokenError(Form(id, granted["secret"])));
        Assert.False((await parts.Host.OnHost("grant", id, "ecgs:write")).ContainsKey("secret"));
        await (await admin.PostAsync($"{Route}/{id}/secrets", null)).Problem(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Application_with_ecgs_granted_on_the_host_gets_its_secrets_only_on_the_host()
    {
        using var admin = await parts.Host.Admin();
        using var registered = await admin.PostAsync(
            Route, TestUsers.Json("""{"name":"a","scopes":["openid"],"redirectUris":["https://a.example/"]}"""));
        var client = await registered.Content.ReadFromJsonAsync<JsonElement>();
        var id = client.ClientId();

        var granted = await parts.Host.OnHost("grant", id, "ecgs:read");

        Assert.Equal("ecgs:read openid", granted["scopes"]);
        Assert.Equal("invalid_client", await parts.Host.TokenError(Form(id, client.GetProperty("secret").GetString()!)));
        Assert.Equal("unauthorized_client", await parts.Host.TokenError(Form(id, granted["secret"])));
        await (await admin.PostAsync($"{Route}/{id}/secrets", null)).Problem(HttpStatusCode.Forbidden);
        Assert.Contains("idvs_", (await parts.Host.OnHost("secret", id))["secret"], StringComparison.Ordinal);
        Assert.Equal("openid", (await parts.Host.OnHost("revoke", id, "ecgs:read"))["scopes"]);
        using var rotated = await admin.PostAsync($"{Route}/{id}/secrets", null);
        Assert.Equal(HttpStatusCode.Created, rotated.StatusCode);
    }

    [Fact]
    public async Task Client_registered_again_owns_nothing_of_its_predecessor()
    {
        using var admin = await parts.Host.Admin();
        var (id, secret) = await admin.NewClient("ecgs:read", "ecgs:write");
        using var before = parts.Host.Client(await parts.Host.MachineToken(id, secret, "ecgs:read ecgs:write"));
        var ecg = await before.Submit();
        (await admin.DeleteAsync($"{Route}/{id}")).Dispose();

        var (again, other) = await admin.NewClient("ecgs:read", "ecgs:write");

        Assert.NotEqual(id, again);
        var token = await parts.Host.MachineToken(again, other, "ecgs:read ecgs:write");
        Assert.Equal($"client:{again}", new JsonWebToken(token).Subject);
        using var after = parts.Host.Client(token);
        await (await after.GetAsync($"{EcgCalls.Route}/{ecg}")).Problem(HttpStatusCode.NotFound);
    }

    private async Task<HttpClient> Self(string id, string secret) =>
        parts.Host.Client(await parts.Host.MachineToken(id, secret, "clients:self"));

    private static Dictionary<string, string> Form(string id, string secret, string scope = "ecgs:read") => new()
    {
        ["grant_type"] = "client_credentials",
        ["client_id"] = id,
        ["client_secret"] = secret,
        ["scope"] = scope,
    };
}
