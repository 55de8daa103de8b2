namespace Idoven.Shared.Messaging.Transport;

/// <summary>Reads whether a queue holds messages that no consumer has received yet.</summary>
internal sealed class QueueBacklog(Broker broker, TimeProvider clock)
{
    /// <returns>False also while the broker is unavailable.</returns>
    /// <exception cref="TimeoutException">The broker did not respond in time.</exception>
    public async Task<bool> IsQueueEmpty(string queue, CancellationToken ct)
    {
        if (broker.Connection is not { } connection)
        {
            return false;
        }

        return await BrokerCall.Run(
            async limited =>
            {
                await using var channel = await connection.CreateChannelAsync(cancellationToken: limited);
                return await channel.MessageCountAsync(queue, limited) == 0;
            },
            clock,
            ct);
    }
}
