using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Idoven.Host.Tests.Parts;

/// <summary>What every test does with machine clients, over HTTP.</summary>
internal static class Machines
{
    public const string Route = "/api/v1/clients";

    /// <summary>Registers; the answer must be 201.</summary>
    public static async Task<(string Id, string Secret)> NewClient(this HttpClient admin, params string[] scopes)
    {
        using var response = await admin.PostAsync(Route, JsonContent.Create(new { name = "a client of a test", scopes }));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var client = await response.Content.ReadFromJsonAsync<JsonElement>();
        return (client.GetProperty("id").GetString()!, client.GetProperty("secret").GetString()!);
    }

    public static async Task<HttpResponseMessage> PatchClient(this HttpClient admin, string id, string body, string? ifMatch = "*")
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{Route}/{id}") { Content = People.Json(body) };
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
