using System.Net;
using System.Net.Sockets;

namespace Idoven.Host.Tests.Parts;

/// <summary>A proxy between a host and a part of it. It lets everything through until it is closed, or told to drop what it receives.</summary>
internal sealed class Wall : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> open = [];
    private readonly Task accepting;
    private volatile bool isSwallowing;

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

    /// <summary>Keeps every connection open, accepts new ones, and drops all bytes in both directions.</summary>
    public void Swallow() => isSwallowing = true;

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

    private async Task Copy(TcpClient from, TcpClient to)
    {
        try
        {
            var buffer = new byte[65536];
            while (await from.GetStream().ReadAsync(buffer) is var read and > 0)
            {
                if (!isSwallowing)
                {
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }

        if (!isSwallowing)
        {
            to.Dispose();
        }
    }
}
