using System.Net;
using Idoven.Drills.Running;

namespace Idoven.Drills.Load;

/// <summary>Requests access tokens from the real token endpoint.</summary>
internal static class Tokens
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    public static Dictionary<string, string> ForClient(ClientCredentials client, string scope) => new()
    {
        ["grant_type"] = "client_credentials",
        ["client_id"] = client.Id,
        ["client_secret"] = client.Secret,
        ["scope"] = scope,
    };

    public static Dictionary<string, string> ForUser(string username, string password, string scope) => new()
    {
        ["grant_type"] = "password",
        ["client_id"] = "idoven-cli",
        ["username"] = username,
        ["password"] = password,
        ["scope"] = scope,
    };

    /// <summary>Repeats a token request until a token is issued or the request is rejected.</summary>
    /// <returns>The token; null if the request was rejected with 400 or 401.</returns>
    public static async Task<string?> Get(this Caller caller, Dictionary<string, string> form, CancellationToken ct)
    {
        while (true)
        {
            var request = new Request(OperationKind.Token, HttpMethod.Post, "/connect/token") { Form = form };
            var (operation, body) = await caller.Send(request, ct);
            if (operation.IsSuccess)
            {
                return body.GetProperty("access_token").GetString();
            }

            if (operation.Status is (int)HttpStatusCode.BadRequest or (int)HttpStatusCode.Unauthorized)
            {
                return null;
            }

            await Task.Delay(Pause, ct);
        }
    }
}
