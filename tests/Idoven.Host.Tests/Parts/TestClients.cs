using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Identity;

namespace Idoven.Host.Tests.Parts;

/// <summary>Calls the routes of machine clients.</summary>
internal static class TestClients
{
    public const string Route = "/api/v1/clients";

    /// <summary>
    /// Registers a client; the response must be 201. A client with a scope for ECGs exchanges its enrolment token for a secret, as the
    /// client itself would.
    /// </summary>
    public static async Task<(string Id, string Secret)> NewClient(this HttpClient admin, params string[] scopes)
    {
        var client = await admin.RegisterClient(scopes);
        if (client.GetProperty("secret").GetString() is { } secret)
        {
            return (client.ClientId(), secret);
        }

        using var enrolled = await admin.Enrol(client.ClientId(), client.EnrolmentToken());
        Assert.Equal(HttpStatusCode.OK, enrolled.StatusCode);
        return (client.ClientId(), (await enrolled.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!);
    }

    /// <summary>Registers a client; the response must be 201.</summary>
    public static async Task<JsonElement> RegisterClient(this HttpClient admin, params string[] scopes)
    {
        using var response = await admin.PostAsync(Route, JsonContent.Create(new { name = "a client of a test", scopes }));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public static string ClientId(this JsonElement client) => client.GetProperty("id").GetString()!;

    public static string EnrolmentToken(this JsonElement client) => client.GetProperty("enrolment").GetProperty("token").GetString()!;

    /// <summary>Exchanges an enrolment token at the host of this HTTP client, without an access token.</summary>
    public static async Task<HttpResponseMessage> Enrol(this HttpClient of, string clientId, string token, object? jwks = null)
    {
        using var anonymous = new HttpClient { BaseAddress = of.BaseAddress };
        var body = new Dictionary<string, object> { ["clientId"] = clientId, ["token"] = token };
        if (jwks is not null)
        {
            body["jwks"] = jwks;
        }

        return await anonymous.PostAsJsonAsync($"{Route}/enrolment", body);
    }

    /// <summary>Runs the command <c>client</c> as the operator of the host; it must succeed.</summary>
    /// <returns>The printed values by the first word of their line.</returns>
    public static async Task<Dictionary<string, string>> OnHost(this RunningHost host, params string[] words)
    {
        using var printed = new StringWriter();
        var ct = TestContext.Current.CancellationToken;
        Assert.Equal(0, await IdentityModule.RunClientVerb(host.Services, words, TextReader.Null, printed, printed, ct));
        return printed.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .ToDictionary(pair => pair[0], pair => pair[1].Trim());
    }

    public static async Task<HttpResponseMessage> PatchClient(this HttpClient admin, string id, string body, string? ifMatch = "*")
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{Route}/{id}") { Content = TestUsers.Json(body) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await admin.SendAsync(request);
    }

    public static async Task<string> MachineToken(this RunningHost host, string id, string secret, string scope) => (await host.Token(new()
    {
        ["grant_type"] = "client_credentials",
        ["client_id"] = id,
        ["client_secret"] = secret,
        ["scope"] = scope,
    })).AccessToken;
}
