using Idoven.Shared.Web;

namespace Idoven.Host;

internal static class ManagementPort
{
    /// <summary>
    /// Listens beside the public address on <c>Management:Port</c>, loopback only unless <c>Management:Address</c> says otherwise.
    /// </summary>
    public static void AddManagementPort(this WebApplicationBuilder builder)
    {
        var address = builder.Configuration["Management:Address"] ?? "127.0.0.1";
        var urls = builder.Configuration["urls"] ?? "http://127.0.0.1:8080";
        builder.WebHost.UseUrls($"{urls};http://{address}:{ManagementPortSetting.Read(builder.Configuration)}");
    }
}
