using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Idoven.Host.Tests.Messaging;

/// <summary>How much of the broker one subscriber's user gets, by broker/definitions.json. Alone, because other tests have the same user.</summary>
[Collection(nameof(AloneOnTheMachine)), Trait("Hosts", "one")]
public sealed class SubscriberLimitTests(RunningParts parts)
{
    private const int Connections = 10;
    private const int Channels = 20;

    [Fact]
    public async Task A_subscriber_has_ten_connections_and_twenty_channels_and_others_connect_meanwhile()
    {
        var open = new List<IConnection>();
        try
        {
            while (open.Count < Connections)
            {
                open.Add(await Connect(parts.Broker.Subscriber));
            }

            // The broker counts a connection a moment after it was opened.
            await Eventually.Holds(async () =>
            {
                try
                {
                    await using var oneMore = await Connect(parts.Broker.Subscriber);
                    return false;
                }
                catch (BrokerUnreachableException)
                {
                    return true;
                }
            });
            await using var host = await Connect(parts.Broker.Uri);
            Assert.True(host.IsOpen);
        }
        finally
        {
            open.ForEach(connection => connection.Dispose());
        }

        // Last, because RabbitMQ 3.10 counts one connection too few after it.
        await RejectsChannels();
    }

    private async Task RejectsChannels()
    {
        await using var connection = await Eventually.Finds(async () =>
        {
            try
            {
                return await Connect(parts.Broker.Subscriber);
            }
            catch (BrokerUnreachableException)
            {
                return null;
            }
        });
        for (var i = 0; i < Channels; i++)
        {
            await connection.CreateChannelAsync();
        }

        await Assert.ThrowsAsync<OperationInterruptedException>(() => connection.CreateChannelAsync());
        Assert.Equal(Constants.NotAllowed, connection.CloseReason!.ReplyCode);
    }

    private static Task<IConnection> Connect(Uri broker) =>
        new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false, ClientProvidedName = "test" }.CreateConnectionAsync();
}
