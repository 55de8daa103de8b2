using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a server that speaks enough of PostgreSQL's protocol to reject every connection with an SQLSTATE.</summary>
internal sealed class RefusingDatabase : IDisposable
{
    // SSLRequest and GSSENCRequest get the response "no" before the startup message.
    private static readonly int[] EncryptionRequests = [80877103, 80877104];

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly byte[] error;
    private int rejected;

    public RefusingDatabase(string sqlState)
    {
        var fields = Encoding.ASCII.GetBytes($"SFATAL\0VFATAL\0C{sqlState}\0Mrejected by a test\0\0");
        error = new byte[fields.Length + 5];
        error[0] = (byte)'E';
        BinaryPrimitives.WriteInt32BigEndian(error.AsSpan(1), fields.Length + 4);
        fields.CopyTo(error, 5);
        listener.Start();
        _ = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Gets the number of connections that were rejected so far.</summary>
    public int Rejected => Volatile.Read(ref rejected);

    public void Dispose() => listener.Dispose();

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Reject(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private async Task Reject(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            var head = new byte[8];
            while (true)
            {
                await stream.ReadExactlyAsync(head);
                await stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(head) - head.Length]);
                if (!EncryptionRequests.Contains(BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4))))
                {
                    break;
                }

                await stream.WriteAsync("N"u8.ToArray());
            }

            await stream.WriteAsync(error);
            Interlocked.Increment(ref rejected);
        }
    }
}
