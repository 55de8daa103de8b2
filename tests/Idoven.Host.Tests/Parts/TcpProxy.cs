using System.Net;
using System.Net.Sockets;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Represents a TCP proxy between a host and a part of it. It forwards everything until it is closed, silenced, or set to drop data.
/// </summary>
internal sealed class TcpProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> open = [];
    private readonly Task accepting;
    private volatile bool isSwallowing;
    private volatile TaskCompletionSource passing = Passed();

    public TcpProxy(string host, int port)
    {
        listener.Start();
        accepting = Accept(host, port);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Rejects new connections and closes the open ones.</summary>
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
    /// <summary>
    /// Keeps every connection open and accepts new ones, but holds all bytes back until <see cref="Restore"/>, as a frozen server does.
    /// </summary>
    public void Silence() => passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Forwards the data held back, and everything after it.</summary>
    public void Restore() => passing.TrySetResult();

    public void Dispose()
    {
        Close();
        Restore();
        listener.Dispose();
    }

    private static TaskCompletionSource Passed()
    {
        var passed = new TaskCompletionSource();
        passed.SetResult();
        return passed;
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
            var buffer = new byte[1 << 16];
            int count;
            while ((count = await from.GetStream().ReadAsync(buffer)) > 0)
            {
                await passing.Task;
                if (!isSwallowing)
                {
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, count));
                }
            }

            await passing.Task;
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
