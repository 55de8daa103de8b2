using Idoven.Shared.Messaging.Transport;

namespace Idoven.Shared.Tests.Messaging;

public sealed class TopologyTests
{
    /// <summary>A broker rejects the declaration of an existing queue with other arguments, so a change needs a new queue name.</summary>
    [Fact]
    public void A_queue_is_a_quorum_queue_with_a_delivery_limit_and_dead_letters() => Assert.Equal(
        new Dictionary<string, object?>
        {
            ["x-queue-type"] = "quorum",
            ["x-delivery-limit"] = 20,
            ["x-dead-letter-exchange"] = "things-do_dead",
            ["x-dead-letter-strategy"] = "at-least-once",
            ["x-overflow"] = "reject-publish",
        },
        Topology.QueueArguments("things-do"));
}
