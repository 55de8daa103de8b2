using System.Net.Sockets;
using RabbitMQ.Client;

namespace Idoven.Shared.Messaging.Consumers;

/// <summary>
/// The sockets of one bus. A bus that did not stop in time would connect again by itself and go on taking deliveries: once they are
/// closed, it gets no other.
/// </summary>
internal sealed class BusSockets
{
    private readonly Lock changing = new();
    private readonly List<ITcpClient> open = [];
    private bool isClosed;

    /// <exception cref="SocketException">They are closed.</exception>
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
