using System.Net;
using System.Net.Sockets;
using System.Text;
using Idoven.Drills.Running;
using Idoven.Host.Tests.Parts;

namespace Idoven.Drills.Tests;

/// <summary>Tests the effect of each mode of the proxy on connections.</summary>
public sealed class ProxyTests : IAsyncLifetime
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);
    private readonly TcpListener server = new(IPAddress.Loopback, 0);
    private Proxy proxy = null!;

    public ValueTask InitializeAsync()
    {
        server.Start();
        _ = Echo();
        proxy = Proxy.Start(FreePort.Take(), ((IPEndPoint)server.LocalEndpoint).Port);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await proxy.DisposeAsync();
        server.Dispose();
    }

    [Fact]
    public async Task Bytes_are_forwarded_in_both_directions()
    {
        using var client = await Connect();
        Assert.Equal("hello", await Ask(client, "hello"));
    }

    [Fact]
    public async Task Cut_resets_open_connections_and_new_ones_work()
    {
        using var client = await Connect();
        await Ask(client, "hello");
        proxy.Cut();
        await Assert.ThrowsAnyAsync<SocketException>(() => Ask(client, "lost"));
        using var next = await Connect();
        Assert.Equal("again", await Ask(next, "again"));
    }

    [Fact]
    public async Task Reject_mode_rejects_new_connections_until_it_ends()
    {
        proxy.Set(ProxyMode.Reject);
        await Assert.ThrowsAnyAsync<SocketException>(Connect);
        proxy.Set(ProxyMode.Pass);
        using var client = await Connect();
        Assert.Equal("again", await Ask(client, "again"));
    }

    [Fact]
    public async Task Half_open_mode_discards_bytes_and_resets_the_connections_when_it_ends()
    {
        using var before = await Connect();
        await Ask(before, "hello");
        proxy.Set(ProxyMode.HalfOpen);
        using var during = await Connect();
        Assert.Null(await Ask(before, "lost", Moment));
        Assert.Null(await Ask(during, "lost", Moment));
        proxy.Set(ProxyMode.Pass);
        await Assert.ThrowsAnyAsync<SocketException>(() => Ask(before, "late"));
        await Assert.ThrowsAnyAsync<SocketException>(() => Ask(during, "late"));
    }

    [Fact]
    public async Task Silent_mode_delays_bytes_and_loses_none()
    {
        using var client = await Connect();
        await Ask(client, "hello");
        proxy.Set(ProxyMode.Silent);
        Assert.Null(await Ask(client, "late", Moment));
        proxy.Set(ProxyMode.Pass);
        var buffer = new byte[16];
        Assert.Equal("late", Encoding.ASCII.GetString(buffer, 0, await client.ReceiveAsync(buffer)));
    }

    [Fact]
    public async Task SwallowAfter_forwards_only_the_first_bytes()
    {
        using var client = await Connect();
        await Ask(client, "hello");
        proxy.SwallowAfter(10);
        Assert.Equal("12345", await Ask(client, "12345"));
        Assert.Null(await Ask(client, "6", Moment));
    }

    [Fact]
    public async Task Latency_delays_bytes_in_each_direction()
    {
        using var client = await Connect();
        await Ask(client, "hello");
        proxy.Latency = TimeSpan.FromMilliseconds(150);
        var since = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.Equal("slow", await Ask(client, "slow"));
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(since) >= TimeSpan.FromMilliseconds(290), "the echo came too early");
    }

    private async Task<Socket> Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Port);
        return socket;
    }

    /// <returns>The echo; null if none arrived in time.</returns>
    private static async Task<string?> Ask(Socket socket, string text, TimeSpan? within = null)
    {
        using var limit = new CancellationTokenSource(within ?? TimeSpan.FromSeconds(20));
        var buffer = new byte[64];
        try
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(text));
            var read = await socket.ReceiveAsync(buffer, limit.Token);
            return read > 0 ? Encoding.ASCII.GetString(buffer, 0, read) : throw new SocketException((int)SocketError.ConnectionReset);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task Echo()
    {
        try
        {
            while (true)
            {
                var socket = await server.AcceptSocketAsync();
                _ = Task.Run(async () =>
                {
                    var buffer = new byte[64];
                    for (int read; (read = await socket.ReceiveAsync(buffer)) > 0;)
                    {
                        await socket.SendAsync(buffer.AsMemory(0, read));
                    }
                });
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }
}
