using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Represents an authenticator app, written from RFC 4226 and RFC 6238 and not from the code of the service. It never returns a code twice.
/// </summary>
internal sealed class Authenticator(string secret)
{
    private const int StepSeconds = 30;
    private long lastStep;

    /// <summary>
    /// Gets a code of this step of 30 s, then one of the next step. Both are still valid if another step begins before the service checks
    /// them.
    /// </summary>
    /// <exception cref="InvalidOperationException">Both codes were returned: a third one is not valid before the next step.</exception>
    public string Code()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / StepSeconds;
        lastStep = Math.Max(lastStep + 1, now);
        return lastStep <= now + 1
            ? CodeOf(lastStep)
            : throw new InvalidOperationException("A third code is not valid before the next step.");
    }

    /// <summary>Returns a well-formed code that is not valid now.</summary>
    public string WrongCode()
    {
        var step = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / StepSeconds;
        var good = Enumerable.Range(-3, 7).Select(offset => CodeOf(step + offset)).ToHashSet();
        return Enumerable.Range(0, 10).Select(number => number.ToString("D6", CultureInfo.InvariantCulture)).First(
            code => !good.Contains(code));
    }

    private string CodeOf(long step)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // Authenticator apps use SHA-1.
        var hash = HMACSHA1.HashData(Key(), counter);
#pragma warning restore CA5350
        var offset = hash[19] & 0x0f;
        var number = ((hash[offset] & 0x7f) << 24) | (hash[offset + 1] << 16) | (hash[offset + 2] << 8) | hash[offset + 3];
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private byte[] Key()
    {
        var bits = string.Concat(
            secret.Select(
                character => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(character, StringComparison.Ordinal), 2).PadLeft(
                    5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }
}

/// <summary>Calls the routes of second factors.</summary>
internal static class TwoFactorSetup
{
    public const string Route = "/account/second-factor";

    public static Task<HttpResponseMessage> Post(this HttpClient self, string address, object body) =>
        self.PostAsync(address, JsonContent.Create(body));

    public static async Task<Authenticator> BeginSecondFactor(this HttpClient self)
    {
        using var begun = await self.Post(Route, new { password = TestUser.Password });
        Assert.Equal(HttpStatusCode.OK, begun.StatusCode);
        return new Authenticator((await begun.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!);
    }

    /// <summary>Sets up a second factor and returns it with the recovery codes.</summary>
    public static async Task<(Authenticator App, IReadOnlyList<string> RecoveryCodes)> TurnSecondFactorOn(
        this RunningHost host, TestUser person)
    {
        using var self = await host.SignIn(person);
        var app = await self.BeginSecondFactor();
        using var confirmed = await self.Post($"{Route}/confirm", new { code = app.Code() });
        Assert.Equal(HttpStatusCode.OK, confirmed.StatusCode);
        return (app, await confirmed.RecoveryCodes());
    }

    public static async Task<IReadOnlyList<string>> RecoveryCodes(this HttpResponseMessage response) =>
        [.. (await response.Content.ReadFromJsonAsync<JsonElement>())
            .GetProperty("recoveryCodes").EnumerateArray().Select(code => code.GetString()!)];

    public static Dictionary<string, string> PasswordGrant(this TestUser person, string? code = null)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = "idoven-cli",
            ["username"] = person.Username,
            ["password"] = TestUser.Password,
            ["scope"] = person.Scopes,
        };
        if (code is not null)
        {
            form["otp"] = code;
        }

        return form;
    }
}
