using System.Globalization;
using Idoven.Shared.Data.Configuration;
using Microsoft.Extensions.Configuration;

namespace Idoven.Shared.Web;

/// <summary>The setting <c>Management:Port</c>.</summary>
public static class ManagementPortSetting
{
    private const int DefaultPort = 8081;

    /// <summary>Returns the port of health and metrics, 8081 if it is not set.</summary>
    /// <exception cref="ConfigurationException"><c>Management:Port</c> is set and is not a port.</exception>
    public static int Read(IConfiguration configuration) => configuration["Management:Port"] switch
    {
        null or "" => DefaultPort,
        var text when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 => port,
        var text => throw new ConfigurationException($"Management:Port is not a port: give a number from 1 to 65535, not {text}."),
    };
}
