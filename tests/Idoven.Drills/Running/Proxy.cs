using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Idoven.Drills.Running;

/// <summary>Specifies what a proxy does with its connections.</summary>
internal enum ProxyMode
{
    /// <summary>Forwards in both directions.</summary>
    Pass,

    /// <summary>Rejects new connections; the open ones were closed when the mode was set.</summary>
    Reject,

    /// <summary>Accepts connections, and reads and discards in both directions; no side learns that the other has closed.</summary>
    HalfOpen,

    /// <summary>Accepts connections and keeps them open, but reads and forwards nothing.</summary>
    Silent,
}

/// <summary>
/// Represents a TCP proxy on loopback between a host and one of its servers. Its mode can be changed while connections are open.
/// </summary>
internal sealed class Proxy : IAsyncDisposable
{
    private const int BufferSize = 16 * 1024;

    private readonly CancellationTokenSource ended = new();
    private readonly ConcurrentDictionary<Link, byte> links = new();
    private readonly IPEndPoint target;
    private readonly Task accepting;
    private Socket? listener;
    private volatile TaskCompletionSource modeChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ProxyMode mode = ProxyMode.Pass;
    private long swallowAfter = long.MaxValue;

    private Proxy(int port, int targetPort)
    {
        Port = port;
        target = new IPEndPoint(IPAddress.Loopback, targetPort);
        listener = Listen();
        accepting = Accept();
    }

    /// <summary>Gets the port that the host connects to.</summary>
    public int Port { get; }

    /// <summary>Gets or sets the delay of each block of data, in each direction.</summary>
    public TimeSpan Latency { get; set; }

    public static Proxy Start(int port, int targetPort) => new(port, targetPort);

    /// <summary>Returns whether one of the connections to the server uses the given local port.</summary>
    public bool Owns(int localPort) => links.Keys.Any(link => link.ServerPort == localPort);

    /// <summary>
    /// Changes the mode. Changing back to <see cref="ProxyMode.Pass"/> closes the connections whose bytes were discarded.
    /// </summary>
    public void Set(ProxyMode value)
    {
        mode = value;
        if (value == ProxyMode.Reject)
        {
            Interlocked.Exchange(ref listener, null)?.Dispose();
            Cut();
        }
        else
        {
            listener ??= Listen();
        }

        if (value == ProxyMode.Pass)
        {
            Interlocked.Exchange(ref swallowAfter, long.MaxValue);
            Latency = TimeSpan.Zero;
            foreach (var link in links.Keys.Where(link => link.HasDiscarded))
            {
                link.Close();
            }
        }

        Interlocked.Exchange(ref modeChanged, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>
    /// Forwards the given number of further bytes on each connection, in both directions together, and discards the rest.
    /// </summary>
    public void SwallowAfter(long bytes)
    {
        foreach (var link in links.Keys)
        {
            link.ResetCount();
        }

        Interlocked.Exchange(ref swallowAfter, bytes);
    }

    /// <summary>Resets every open connection.</summary>
    public void Cut()
    {
        foreach (var link in links.Keys)
        {
            link.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        Interlocked.Exchange(ref listener, null)?.Dispose();
        Cut();
        modeChanged.TrySetResult();
        await accepting;
        ended.Dispose();
    }

    private Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        socket.Listen(512);
        return socket;
    }

    private async Task Accept()
    {
        while (!ended.IsCancellationRequested)
        {
            var current = listener;
            if (current is null)
            {
                await WaitForModeChange();
                continue;
            }

            try
            {
                var client = await current.AcceptAsync(ended.Token);
                _ = Serve(client);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The listener was closed because of the mode, or because the proxy ends.
            }
        }
    }

    private async Task WaitForModeChange()
    {
        var change = modeChanged;
        if (listener is null && !ended.IsCancellationRequested)
        {
            await change.Task.WaitAsync(TimeSpan.FromMilliseconds(100)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Serve(Socket client)
    {
        var link = new Link(client);
        links.TryAdd(link, 0);
        try
        {
            await WaitWhileSilent();
            if (mode == ProxyMode.HalfOpen)
            {
                link.HasDiscarded = true;
                await Discard(client);
                return;
            }

            await link.Server.ConnectAsync(target, ended.Token);
            await Task.WhenAll(Pump(link, client, link.Server), Pump(link, link.Server, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side has closed, so the other is closed too.
        }
        finally
        {
            links.TryRemove(link, out _);
            link.Close();
        }
    }

    private async Task Pump(Link link, Socket from, Socket to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var sending = Task.CompletedTask;
        try
        {
            while (true)
            {
                await WaitWhileSilent();
                var read = await from.ReceiveAsync(buffer.AsMemory(0, BufferSize), SocketFlags.None, ended.Token);
                if (mode == ProxyMode.HalfOpen || link.HasDiscarded || link.Count(read) > Interlocked.Read(ref swallowAfter))
                {
                    link.HasDiscarded = true;
                    if (read == 0)
                    {
                        await WaitWhileDiscarding(link);
                        return;
                    }

                    continue;
                }

                // Bytes that were read before the silent mode are forwarded when it ends.
                await WaitWhileSilent();
                if (read == 0)
                {
                    await sending;
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                if (Latency > TimeSpan.Zero)
                {
                    // The data are delayed, not throttled: the next block is read while this one is delayed.
                    sending = SendLater(sending, to, buffer.AsSpan(0, read).ToArray(), Latency);
                }
                else
                {
                    await sending;
                    await SendAll(to, buffer.AsMemory(0, read));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            if (mode == ProxyMode.HalfOpen || link.HasDiscarded)
            {
                await WaitWhileDiscarding(link);
            }

            link.Close();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task SendLater(Task before, Socket to, byte[] bytes, TimeSpan latency)
    {
        await Task.Delay(latency, ended.Token);
        await before;
        await SendAll(to, bytes);
    }

    private async Task SendAll(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes, SocketFlags.None, ended.Token)..];
        }
    }

    /// <summary>Waits while the proxy discards: the other side must not learn that this one has closed.</summary>
    private async Task WaitWhileDiscarding(Link link)
    {
        while (!link.IsClosed && IsDiscarding() && !ended.IsCancellationRequested)
        {
            await modeChanged.Task.WaitAsync(TimeSpan.FromMilliseconds(500)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        bool IsDiscarding() => mode == ProxyMode.HalfOpen || Interlocked.Read(ref swallowAfter) != long.MaxValue;
    }

    private async Task WaitWhileSilent()
    {
        while (mode == ProxyMode.Silent && !ended.IsCancellationRequested)
        {
            await modeChanged.Task.WaitAsync(TimeSpan.FromMilliseconds(500)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Discard(Socket socket)
    {
        var buffer = new byte[BufferSize];
        while (await socket.ReceiveAsync(buffer, SocketFlags.None, ended.Token) > 0)
        {
        }
    }

    /// <summary>Represents a connection of the host and the matching connection to the server.</summary>
    private sealed class Link(Socket client)
    {
        private long count;

        public Socket Server { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public bool HasDiscarded { get; set; }

        public bool IsClosed { get; private set; }

        public int ServerPort
        {
            get
            {
                try
                {
                    return (Server.LocalEndPoint as IPEndPoint)?.Port ?? 0;
                }
                catch (ObjectDisposedException)
                {
                    return 0;
                }
            }
        }

        public long Count(int bytes) => Interlocked.Add(ref count, bytes);

        public void ResetCount() => Interlocked.Exchange(ref count, 0);

        public void Close()
        {
            IsClosed = true;
            foreach (var socket in (Socket[])[client, Server])
            {
                try
                {
                    socket.LingerState = new LingerOption(true, 0);
                    socket.Dispose();
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    // The socket is already closed.
                }
            }
        }
    }
}
