using System.Net.Sockets;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Consumers;

/// <summary>
/// The sockets of one bus. A bus that did not stop in time would reconnect and receive deliveries: after <see cref="Close"/> it gets no new
/// socket.
/// </summary>
internal sealed class BusSockets
{
    private readonly Lock changing = new();
    private readonly List<ITcpClient> open = [];
    private bool isClosed;

    /// <exception cref="SocketException">The sockets are closed.</exception>
    public ITcpClient Create(AddressFamily family)
    {
        lock (changing)
        {
            if (isClosed)
            {
                throw new SocketException((int)SocketError.OperationAborted);
            }

            var socket = ConnectionFactoryBase.DefaultSocketFactory(family);
            open.Add(socket);
            return socket;
        }
    }

    public void Close()
    {
        lock (changing)
        {
            isClosed = true;
            open.ForEach(socket => socket.Dispose());
        }
    }
}
