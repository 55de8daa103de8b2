using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a user that no other test uses.</summary>
internal sealed record TestUser(Guid Id, string Username, string Role)
{
    public const string Password = "correct horse battery staple";

    /// <summary>Gets every scope that the role may be granted.</summary>
    public string Scopes => Role switch
    {
        "user" => "openid account offline_access ecgs:read ecgs:write users:read users:write",
        "admin" => "openid account offline_access users:read users:write clients:manage",
        _ => "openid account offline_access users:read users:write clients:manage operations",
    };
}

/// <summary>Calls the routes of users.</summary>
internal static class TestUsers
{
    public const string Route = "/api/v1/users";

    public static string NewName() => $"u{Guid.NewGuid():N}";

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    public static Task<HttpClient> Superadmin(this RunningHost host) =>
        host.SignIn("superadmin", "openid account users:read users:write clients:manage");

    public static Task<HttpClient> Admin(this RunningHost host) =>
        host.SignIn("admin", "openid account users:read users:write clients:manage");

    /// <summary>Registers a user; the response must be 201.</summary>
    public static async Task<JsonElement> Register(this HttpClient admin, string username, string role = "user", string? email = null)
    {
        var member = email is null ? "" : $",\"email\":\"{email}\"";
        using var response = await admin.PostAsync(Route, Json($$"""{"username":"{{username}}","role":"{{role}}"{{member}}}"""));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Registers a user and waits until Identity has the account.</summary>
    public static async Task<JsonElement> RegisterKnown(
        this RunningHost host, HttpClient admin, string username, string role = "user", string? email = null)
    {
        var registered = await admin.Register(username, role, email);
        await Eventually.Holds(
            async () => await host.Query<long>(
                "select count(*) from identity.one_time_tokens where account_id = $1 and use = 'Activation'", registered.Id()) == 1);
        return registered;
    }

    public static string Token(this JsonElement registered) => registered.GetProperty("activation").GetProperty("token").GetString()!;

    public static Guid Id(this JsonElement resource) => resource.GetProperty("id").GetGuid();

    public static Task<HttpResponseMessage> Activate(this RunningHost host, string token, string password = TestUser.Password) =>
        host.Anonymous.PostAsync("/account/activate", JsonContent.Create(new { token, password }));

    /// <summary>Registers a user as the superadmin and activates the account, so that the user can sign in.</summary>
    public static async Task<TestUser> NewPerson(this RunningHost host, string role = "user")
    {
        using var superadmin = host.Client(await host.RegistrarToken());
        return await host.NewPerson(superadmin, role);
    }

    /// <summary>
    /// Registers and activates a user with a client that has signed in, so that many users need only one sign-in of the superadmin.
    /// </summary>
    public static async Task<TestUser> NewPerson(this RunningHost host, HttpClient admin, string role = "user")
    {
        var username = NewName();
        var registered = await host.RegisterKnown(admin, username, role);
        Assert.Equal(HttpStatusCode.NoContent, (await host.Activate(registered.Token())).StatusCode);
        return new TestUser(registered.Id(), username, role);
    }

    public static async Task<HttpClient> SignIn(this RunningHost host, TestUser person, string? scope = null) =>
        host.Client((await host.Token(person, scope)).AccessToken);

    public static Task<TokenResponse> Token(this RunningHost host, TestUser person, string? scope = null) =>
        host.Token(person.Username, TestUser.Password, scope ?? person.Scopes);

    public static async Task<HttpResponseMessage> Patch(this HttpClient client, Guid id, string body, string? ifMatch = "*")
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{Route}/{id}") { Content = Json(body) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await client.SendAsync(request);
    }

    /// <summary>Returns the pointer of the first error of a 400.</summary>
    public static async Task<string?> Pointer(this Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        var problem = await response.Problem(HttpStatusCode.BadRequest);
        return problem.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("pointer").GetString() : null;
    }
}
