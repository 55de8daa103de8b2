using System.Net;
using System.Net.Sockets;

namespace Idoven.Host.Tests.Parts;

/// <summary>Stands between a host and a part of it, lets everything through, and can be closed.</summary>
internal sealed class Wall : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> open = [];
    private readonly Task accepting;

    public Wall(string host, int port)
    {
        listener.Start();
        accepting = Accept(host, port);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>From now nothing comes through, and what was open breaks.</summary>
    public void Close()
    {
        listener.Stop();
        lock (open)
        {
            open.ForEach(client => client.Dispose());
        }
    }

    public void Dispose()
    {
        Close();
        listener.Dispose();
    }

    private async Task Accept(string host, int port)
    {
        try
        {
            while (true)
            {
                var from = await listener.AcceptTcpClientAsync();
                var to = new TcpClient();
                await to.ConnectAsync(host, port);
                lock (open)
                {
                    open.AddRange([from, to]);
                }

                _ = Copy(from, to);
                _ = Copy(to, from);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }
    }

    private static async Task Copy(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }

        to.Dispose();
    }
}
