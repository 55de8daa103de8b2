using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Transport;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Messaging.Parking;

/// <summary>Sends due parked messages to their queue again, with their original id.</summary>
internal sealed class ParkedDeliveryJob<TDb>(Parking<TDb> parking, Topology topology, Publisher publisher) : IBackgroundJob<TDb>
    where TDb : DbContext
{
    private const int BatchSize = 50;

    public async Task<bool> RunBatch(CancellationToken ct)
    {
        if (!publisher.IsAvailable)
        {
            return false;
        }

        var due = await parking.TakeDue(BatchSize, ct);
        if (due.Count == 0)
        {
            return false;
        }

        await using var channel = await publisher.Open(ct);
        foreach (var (message, queue) in due)
        {
            // Possibly a message of a later build that was rolled back: it waits for an operator.
            if (topology.FindMessage(message.Type) is not { } contract)
            {
                await parking.Abandon(message.MessageId, queue, "NoQueueTakesThisType", ct);
                continue;
            }

            using var span = Spans.Publish(queue, message);
            var wire = OutboundMessage.ToQueue(contract, message, queue);
            wire.Properties.Headers![Parking<TDb>.ResentHeader] = true;
            await channel.Send(wire, mandatory: true, ct);
        }

        return due.Count == BatchSize;
    }
}
