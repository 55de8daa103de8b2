using System.Net;
using System.Net.Sockets;

namespace Idoven.Host.Tests.Parts;

/// <summary>Creates source addresses for clients: all of 127.0.0.0/8 is this machine.</summary>
internal static class SourceAddress
{
    /// <summary>Returns an address that no other test uses.</summary>
    public static IPAddress New() =>
        new([127, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(256), (byte)Random.Shared.Next(1, 255)]);

    public static SocketsHttpHandler Handler(IPAddress from) => new()
    {
        AllowAutoRedirect = false,
        ConnectCallback = async (context, ct) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(context.DnsEndPoint, ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
