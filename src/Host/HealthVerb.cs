using System.Net;
using Idoven.Shared.Web;

namespace Idoven.Host;

/// <summary>The verb <c>health</c>: reports whether the host on this machine, or in this container, is ready.</summary>
internal static class HealthVerb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<bool> Query(IConfiguration configuration)
    {
        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var response = await http.GetAsync(
                new UriBuilder("http", Address(configuration), ManagementPortSetting.Read(configuration), "/health/ready").Uri);
            await Console.Out.WriteLineAsync(await response.Content.ReadAsStringAsync());
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"idoven: no host answers: {e.Message}");
            return false;
        }
    }

    /// <summary>Returns the loopback address for a host that listens on every address.</summary>
    private static string Address(IConfiguration configuration) =>
        IPAddress.TryParse(
            configuration["Management:Address"], out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? address.ToString()
            : "127.0.0.1";
}
