using System.Net.Http.Json;
using System.Text.Json;

namespace Idoven.Clients;

/// <summary>The service under test and what every client sends to it.</summary>
internal static class Service
{
    /// <summary>The number of zero crossings of a lead with <see cref="Signal"/>.</summary>
    public const int ExpectedCrossings = 5;

    public const double SamplingFrequency = 500;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    public static int[] Signal { get; } = [12, -3, 7, -9, 15, -2];

    public static DateTimeOffset Date { get; } = new(2026, 11, 23, 10, 15, 0, TimeSpan.FromHours(1));

    /// <summary>Returns an access token of the demo client (client_credentials).</summary>
    public static async Task<string> RequestToken(HttpClient http, string url)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "demo-gateway",
            ["client_secret"] = "demo-gateway-secret",
            ["scope"] = "ecgs:write ecgs:read",
        });
        using var response = await http.PostAsync(new Uri($"{url}/connect/token"), form);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    /// <summary>Calls <paramref name="read"/> until the ECG is not queued any more.</summary>
    /// <exception cref="TimeoutException">The ECG is still queued after a minute.</exception>
    public static async Task<T> WaitWhileQueued<T>(Func<Task<T>> read, Func<T, bool> isQueued)
    {
        for (var start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < Deadline; await Task.Delay(200))
        {
            var result = await read();
            if (!isQueued(result))
            {
                return result;
            }
        }

        throw new TimeoutException("The ECG is still queued after a minute.");
    }

    /// <exception cref="InvalidOperationException"><paramref name="holds"/> is false.</exception>
    public static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
