using System.Net;
using System.Net.Sockets;
using System.Text;
using Idoven.Host.Http;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Sends requests without a token from one address, of which no byte of the announced body arrives until the object is disposed.
/// </summary>
internal sealed class UnfinishedBodies : IDisposable
{
    private const string Head = "POST /connect/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
        + "application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n";
    private readonly List<Socket> sockets = [];

    private UnfinishedBodies()
    {
    }

    /// <summary>Sends as many requests as one address may have. The host may not have all of them yet when this returns.</summary>
    public static async Task<UnfinishedBodies> Begin(Uri host, IPAddress from)
    {
        var bodies = new UnfinishedBodies();
        for (var i = 0; i < SmallBodies.PerAddress; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            bodies.sockets.Add(socket);
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(IPAddress.Loopback, host.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(Head));
        }

        return bodies;
    }

    public void Dispose() => sockets.ForEach(socket => socket.Dispose());
}
