using System.Text.Json;
using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Idoven.Host.Tests.Messaging;

/// <summary>
/// Tests the limits of a subscriber's user in broker/definitions.json. Not in parallel with other tests, because they use the
/// same user.
/// </summary>
[Collection(nameof(SerialCollection)), Trait("Hosts", "one")]
public sealed class SubscriberLimitTests(RunningParts parts)
{
    private const int Channels = 20;

    [Fact]
    public async Task Every_user_of_the_broker_except_the_service_has_limits()
    {
        using var definitions = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(Repository.Root, "broker", "definitions.json")));
        var users = definitions.RootElement.GetProperty("users")
            .EnumerateArray().Where(user => user.GetProperty("name").GetString() != "idoven").ToList();

        Assert.NotEmpty(users);
        Assert.All(
            users, user => Assert.Equal("""{ "max-connections": 10, "max-channels": 20 }""", user.GetProperty("limits").GetRawText()));
    }

    [Fact]
    public async Task A_subscriber_has_twenty_channels_and_the_service_more()
    {
        await using var connection = await Connect(parts.Broker.Subscriber);
        for (var i = 0; i < Channels; i++)
        {
            await connection.CreateChannelAsync();
        }

        await Assert.ThrowsAsync<OperationInterruptedException>(() => connection.CreateChannelAsync());
        Assert.Equal(Constants.NotAllowed, connection.CloseReason!.ReplyCode);
        await using var service = await Connect(parts.Broker.Uri);
        for (var i = 0; i <= Channels; i++)
        {
            await service.CreateChannelAsync();
        }
    }

    private static Task<IConnection> Connect(Uri broker) =>
        new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false, ClientProvidedName = "test" }.CreateConnectionAsync();
}
