using System.Net;
using System.Net.Sockets;

namespace Idoven.Host.Tests.Parts;

internal static class FreePort
{
    /// <summary>A port of the loopback that nobody listened on a moment ago.</summary>
    public static int Take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
