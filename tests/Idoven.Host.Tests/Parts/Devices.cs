using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents the response to a device without a browser that wants to sign a user in (RFC 8628).</summary>
internal sealed record Device(
    string DeviceCode, string UserCode, string VerificationUri, string VerificationUriComplete, int ExpiresIn, int Interval);

/// <summary>Calls the endpoints of the device authorization grant.</summary>
internal static class Devices
{
    public const string Scope = "openid account offline_access ecgs:read ecgs:write";

    private static readonly string[] OnHost = ["account", "ecgs:read", "ecgs:write"];
    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <returns>The id of a new client that no other test uses.</returns>
    public static async Task<string> NewDevice(this RunningHost host)
    {
        using var admin = await host.Admin();
        using var response = await admin.PostAsync(
            TestClients.Route,
            JsonContent.Create(
                new { name = "A bedside monitor", scopes = Scope.Split(' ').Except(OnHost), deviceFlow = true, @public = true }));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var client = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(client.GetProperty("deviceFlow").GetBoolean());
        await host.Grant(client.ClientId(), OnHost);
        return client.ClientId();
    }

    public static async Task<Device> BeginDevice(this RunningHost host, string client)
    {
        using var response = await host.Anonymous.PostAsync(
            "/connect/device", new FormUrlEncodedContent(new Dictionary<string, string> { ["client_id"] = client, ["scope"] = Scope }));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<Device>(Snake))!;
    }

    public static Dictionary<string, string> Poll(string client, string code) => new()
    {
        ["grant_type"] = "urn:ietf:params:oauth:grant-type:device_code",
        ["client_id"] = client,
        ["device_code"] = code,
    };
}
