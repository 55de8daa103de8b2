using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Idoven.Host.Tests.Parts;

/// <summary>
/// Represents a proxy between a host and the broker that reads the frames of AMQP 0-9-1, so that a connection can fail between a message
/// and its confirm. It forwards everything else.
/// </summary>
internal sealed class BrokerProxy : IDisposable
{
    private readonly Uri broker;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private volatile PublishFault? next;

    public BrokerProxy(Uri broker)
    {
        this.broker = broker;
        listener.Start();
        Uri = new UriBuilder(broker) { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port }.Uri;
        _ = Accept();
    }

    /// <summary>Gets the address of the proxy, with the user and the virtual host of the broker's.</summary>
    public Uri Uri { get; }

    /// <summary>Lets the next message to an exchange reach the broker and drops every response on its connection from then on.</summary>
    public PublishFault LoseConfirm(string exchange) => next = new PublishFault(exchange, losesMessage: false);

    /// <summary>Drops the next message to an exchange and everything else that its connection sends from then on.</summary>
    public PublishFault LoseMessage(string exchange) => next = new PublishFault(exchange, losesMessage: true);

    public void Dispose() => listener.Dispose();

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                _ = new ProxiedConnection(this, client).Run();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private PublishFault? TakeFault(string exchange)
    {
        var fault = next;
        return fault?.Exchange == exchange && Interlocked.CompareExchange(ref next, null, fault) == fault ? fault : null;
    }

    private sealed class ProxiedConnection(BrokerProxy proxy, TcpClient client) : IDisposable
    {
        private const int ProtocolHeaderSize = 8;
        private const int FrameHeaderSize = 7;
        private readonly TcpClient server = new();
        private volatile bool dropsAnswers;
        private volatile bool dropsMessages;

        public async Task Run()
        {
            try
            {
                await server.ConnectAsync(proxy.broker.Host, proxy.broker.Port);
                await Task.WhenAny(
                    ForwardFrames(client.GetStream(), server.GetStream()), ForwardAnswers(server.GetStream(), client.GetStream()));
            }
            catch (SocketException)
            {
                // The broker is unavailable.
            }
            finally
            {
                Dispose();
            }
        }

        public void Dispose()
        {
            client.Dispose();
            server.Dispose();
        }

        private async Task ForwardFrames(NetworkStream from, NetworkStream to)
        {
            var header = new byte[ProtocolHeaderSize];
            await from.ReadExactlyAsync(header);
            await to.WriteAsync(header);
            while (true)
            {
                var frame = await ReadFrame(from);
                if (PublishedExchange(frame) is { } exchange && proxy.TakeFault(exchange) is { } fault)
                {
                    (dropsMessages, dropsAnswers) = (fault.LosesMessage, true);
                    fault.Begin(Dispose);
                }

                if (!dropsMessages)
                {
                    await to.WriteAsync(frame);
                }
            }
        }

        private async Task ForwardAnswers(NetworkStream from, NetworkStream to)
        {
            var buffer = new byte[1 << 16];
            int count;
            while ((count = await from.ReadAsync(buffer)) > 0)
            {
                if (!dropsAnswers)
                {
                    await to.WriteAsync(buffer.AsMemory(0, count));
                }
            }
        }

        /// <summary>Reads the header (type, channel, size), the payload and the end mark.</summary>
        private static async Task<byte[]> ReadFrame(NetworkStream from)
        {
            var header = new byte[FrameHeaderSize];
            await from.ReadExactlyAsync(header);
            var frame = new byte[FrameHeaderSize + BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(3)) + 1];
            header.CopyTo(frame, 0);
            await from.ReadExactlyAsync(frame.AsMemory(FrameHeaderSize));
            return frame;
        }

        /// <summary>Returns the exchange of a frame with the method <c>basic.publish</c>; null for another frame.</summary>
        private static string? PublishedExchange(byte[] frame)
        {
            const int MethodFrame = 1, Basic = 60, Publish = 40, Reserved = 2;
            var payload = frame.AsSpan(FrameHeaderSize);
            return frame[0] == MethodFrame
                && BinaryPrimitives.ReadUInt16BigEndian(payload) == Basic && BinaryPrimitives.ReadUInt16BigEndian(payload[2..]) == Publish
                    ? Encoding.UTF8.GetString(payload.Slice(4 + Reserved + 1, payload[4 + Reserved]))
                    : null;
        }
    }
}

/// <summary>Represents a fault of the connection that publishes the next message to an exchange.</summary>
internal sealed class PublishFault(string exchange, bool losesMessage)
{
    private readonly TaskCompletionSource<Action> begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Exchange => exchange;

    public bool LosesMessage => losesMessage;

    /// <summary>Waits until the message was published, then closes its connection.</summary>
    public async Task Disconnect() => (await begun.Task.WaitAsync(TimeSpan.FromSeconds(30)))();

    internal void Begin(Action close) => begun.SetResult(close);
}
