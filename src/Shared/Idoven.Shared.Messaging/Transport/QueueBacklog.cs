namespace Idoven.Shared.Messaging.Transport;

/// <summary>Counts the messages of queues that no consumer has received yet.</summary>
internal sealed class QueueBacklog(Broker broker, TimeProvider clock)
{
    /// <returns>False also while the broker is unavailable.</returns>
    /// <exception cref="TimeoutException">The broker did not respond in time.</exception>
    public async Task<bool> IsQueueEmpty(string queue, CancellationToken ct) => await Count([queue], ct) == 0;

    /// <returns>The number of messages in all of the queues; null while the broker is unavailable.</returns>
    /// <exception cref="TimeoutException">The broker did not respond in time.</exception>
    public async Task<long?> Count(IEnumerable<string> queues, CancellationToken ct)
    {
        if (broker.Connection is not { } connection)
        {
            return null;
        }

        return await BrokerCall.Run(
            async limited =>
            {
                var count = 0L;
                await using var channel = await connection.CreateChannelAsync(cancellationToken: limited);
                foreach (var queue in queues)
                {
                    count += await channel.MessageCountAsync(queue, limited);
                }

                return count;
            },
            clock,
            ct);
    }
}
