namespace Idoven.Shared.Messaging;

/// <summary>Whether a queue holds messages that nobody has taken yet.</summary>
internal sealed class Backlog(Broker broker)
{
    /// <returns>False also while the broker is away.</returns>
    public async Task<bool> IsEmpty(string queue, CancellationToken ct)
    {
        if (broker.Connection is not { } connection)
        {
            return false;
        }

        await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        return await channel.MessageCountAsync(queue, ct) == 0;
    }
}
