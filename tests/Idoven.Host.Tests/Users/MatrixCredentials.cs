using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Users;

/// <summary>Tries every value in a response, and every value that the caller chose, as every kind of credential of the service.</summary>
internal sealed partial class MatrixCredentials(RunningParts parts, MatrixObject target, MatrixKey key)
{
    // 256 bits in base64url are 43 characters.
    private const int ShortestToken = 40;
    private const int MostTries = 10;

    // These give no access, and lists contain many of them.
    private static readonly string[] Harmless = ["traceId", "next", "jwks"];

    private readonly RunningHost host = parts.Host;
    private readonly HashSet<string> tried = [];
    private readonly List<string> findings = [];

    /// <returns>True if the ECG can be read, or is listed, with this access token.</returns>
    public static async Task<bool> Reaches(RunningHost host, string token, Guid ecg)
    {
        using var client = host.Client(token);
        using var read = await client.GetAsync($"{EcgCalls.Route}/{ecg}");
        using var list = await client.GetAsync(EcgCalls.Route);
        return read.IsSuccessStatusCode
            || (list.IsSuccessStatusCode && (await list.Content.ReadAsStringAsync()).Contains($"{ecg}", StringComparison.Ordinal));
    }

    /// <param name="chosen">A password that the request tried to set; null if it had none.</param>
    /// <param name="token">The caller's own access token; null for an anonymous caller.</param>
    /// <returns>The values that gave access to the object or to its ECG.</returns>
    public async Task<IReadOnlyList<string>> FindAccess(string response, string? chosen, string? token)
    {
        findings.Clear();
        var (madeId, madeName, strings) = Read(response);
        foreach (var text in strings.Where(tried.Add))
        {
            if (!await IsIdentifier(text))
            {
                await TryText(text, madeId, madeName);
            }
        }

        if (chosen is not null)
        {
            await TryPassword(target.Username, "the password that the caller chose");
        }

        if (target.ClientId is { } id)
        {
            var signing = new SigningClient(id, key.Key, MatrixKey.Algorithm);
            await TryGrant("the key that the caller chose", signing.Form(signing.Assertion(parts.Settings.Issuer)));
        }

        if (token is not null)
        {
            await TryAccessToken(token, "the caller's own token");
        }

        return [.. findings];
    }

    /// <param name="madeId">The id of the object that the request created.</param>
    /// <param name="madeName">The username of the user that the request created.</param>
    private async Task TryText(string text, string? madeId, string? madeName)
    {
        await TryAccessToken(text, "an access token in the response");
        foreach (var id in new[] { target.ClientId, madeId }.OfType<string>().Distinct())
        {
            await TrySecret(id, text);
            await TryEnrolment(id, text);
        }

        await TryGrant("a refresh token in the response", new()
        {
            ["grant_type"] = "refresh_token",
            ["client_id"] = "idoven-cli",
            ["refresh_token"] = text,
        });
        foreach (var route in text.Length < ShortestToken ? [] : new[] { "activate", "recover/token" })
        {
            using var used = await host.Anonymous.PostAsJsonAsync($"/account/{route}", new { token = text, password = TestUser.Password });
            if (used.IsSuccessStatusCode)
            {
                await TryPassword(madeName, "a one-time token in the response");
                await TryPassword(target.Username, "a one-time token in the response");
            }
        }

        if (RecoveryCode().IsMatch(text) && target.Username is { } identifier)
        {
            var body = new { identifier, code = text, password = TestUser.Password };
            using var used = await host.Anonymous.PostAsJsonAsync("/account/recover/code", body);
            AddIf(used.IsSuccessStatusCode, "a recovery code in the response");
        }
    }

    private async Task TryAccessToken(string text, string what)
    {
        if (text.Count(c => c == '.') != 2)
        {
            return;
        }

        AddIf(await Reaches(host, text, target.Ecg), what);
        if (text != target.AccessToken)
        {
            using var client = host.Client(text);
            using var deleted = await client.DeleteAsync($"{EcgCalls.Route}/{target.Ecg}");
            AddIf(deleted.IsSuccessStatusCode, $"{what} deletes the ECG");
        }
    }

    private async Task TrySecret(string id, string secret)
    {
        foreach (var scope in new[] { "ecgs:read", "ecgs:write", "users:read" })
        {
            var error = await TryGrant("a secret in the response", new()
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = id,
                ["client_secret"] = secret,
                ["scope"] = scope,
            });
            if (error == "invalid_client")
            {
                return;
            }

            // An application gets no token by client credentials, but its secret was accepted.
            AddIf(id == target.ClientId && target.IsGuarded, "a secret of the client is in the response");
        }
    }

    private async Task TryEnrolment(string id, string token)
    {
        using var enrolled = await host.Anonymous.Enrol(id, token);
        if (enrolled.IsSuccessStatusCode)
        {
            AddIf(id == target.ClientId, "an enrolment token of the client is in the response");
            await TrySecret(id, (await enrolled.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!);
        }
    }

    private async Task TryPassword(string? username, string what)
    {
        if (username is not null)
        {
            await TryGrant(what, new()
            {
                ["grant_type"] = "password",
                ["client_id"] = "idoven-cli",
                ["username"] = username,
                ["password"] = TestUser.Password,
                ["scope"] = "ecgs:read ecgs:write",
            });
        }
    }

    /// <returns>The error of the token endpoint; null if it issued a token, which is then tried.</returns>
    private async Task<string?> TryGrant(string what, Dictionary<string, string> form)
    {
        using var response = await UntilTaken(() => host.Anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(form)));
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        if (!response.IsSuccessStatusCode)
        {
            return answer.GetProperty("error").GetString();
        }

        await TryAccessToken(answer.GetProperty("access_token").GetString()!, what);
        return null;
    }

    /// <summary>Sends again after <c>Retry-After</c> if a busy host returns 503.</summary>
    private static async Task<HttpResponseMessage> UntilTaken(Func<Task<HttpResponseMessage>> send)
    {
        for (var tries = 1; ; tries++)
        {
            var response = await send();
            var isBusy = response.StatusCode == HttpStatusCode.ServiceUnavailable && tries < MostTries;
            if (!isBusy || response.Headers.RetryAfter?.Delta is not { } wait)
            {
                return response;
            }

            response.Dispose();
            await Task.Delay(wait);
        }
    }

    private void AddIf(bool isFound, string finding)
    {
        if (isFound && !findings.Contains(finding))
        {
            findings.Add(finding);
        }
    }

    /// <summary>Returns whether the text is the id of a client or the name of a user: lists contain many of them.</summary>
    private async Task<bool> IsIdentifier(string text) => await host.Query<bool>(
        """
        select exists (select from identity.clients where client_id = $1) or exists (select from users.users where username = $1)
        """,
        text);

    /// <summary>Reads the object that a request created, and the values of the response that may be secrets.</summary>
    private static (string? Id, string? Username, IReadOnlyList<string> Strings) Read(string response)
    {
        var root = response.Length == 0 ? null : JsonNode.Parse(response);
        var made = root as JsonObject;
        return (made?["id"]?.ToString(), made?["username"]?.ToString(), [.. Strings(root).Where(MayBeSecret).Distinct()]);
    }

    /// <summary>Returns the texts to try; of a list of strings only the first.</summary>
    private static IEnumerable<string> Strings(JsonNode? node) => node switch
    {
        JsonObject body => body.Where(member => !Harmless.Contains(member.Key)).SelectMany(member => Strings(member.Value)),
        JsonArray list when list.FirstOrDefault() is JsonValue first => Strings(first),
        JsonArray list => list.SelectMany(Strings),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    private static bool MayBeSecret(string text) => Word().IsMatch(text) && text.Any(char.IsDigit) && !Guid.TryParse(text, out _);

    [GeneratedRegex("^[A-Za-z0-9_.-]{20,}$")]
    private static partial Regex Word();

    [GeneratedRegex("^([a-z2-7]{4}-)+[a-z2-7]{4}$")]
    private static partial Regex RecoveryCode();
}
