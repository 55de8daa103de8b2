using System.Net.Sockets;
using System.Text;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a GET whose response is not read beyond its status line; the connection stays open.</summary>
internal sealed class UnreadDownload : IDisposable
{
    private const int SmallestBuffer = 4096;
    private readonly Socket socket =
        new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = SmallestBuffer };

    private UnreadDownload()
    {
    }

    /// <summary>Gets the first bytes of the response.</summary>
    public string Status { get; private set; } = "";

    /// <summary>Sends the request, and returns when the response has begun.</summary>
    public static async Task<UnreadDownload> Start(Uri host, string path, string token, string accept = "application/octet-stream")
    {
        var download = new UnreadDownload();
        await download.socket.ConnectAsync(host.Host, host.Port);
        await download.socket.SendAsync(
            Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: {host.Authority}\r\nAuthorization: Bearer {token}\r\nAccept: {accept}\r\n\r\n"));
        var status = new byte["HTTP/1.1 200".Length];
        for (var read = 0; read < status.Length;)
        {
            var count = await download.socket.ReceiveAsync(status.AsMemory(read));
            Assert.True(count > 0, "the connection was closed");
            read += count;
        }

        download.Status = Encoding.ASCII.GetString(status);
        return download;
    }

    public void Dispose() => socket.Dispose();
}
