using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Transport;

namespace Idoven.Shared.Tests.Messaging;

public sealed class MessageContractsTests
{
    private readonly MessageContracts contracts = new MessageContracts().Message<Sent>().PublicEvent<Happened>("thing.happened.v1");

    [Fact]
    public void A_message_is_found_by_type_and_by_its_stored_name()
    {
        var contract = contracts.Get(typeof(Sent));
        Assert.Equal(
            (typeof(Sent), "Idoven.Shared.Tests.Messaging.Sent", "Idoven.Shared.Tests.Messaging:Sent", false),
            (contract.Type, contract.Name, contract.Exchange, contract.IsPublic));
        Assert.Same(contract, contracts.Get("Idoven.Shared.Tests.Messaging.Sent"));
    }

    [Fact]
    public void A_public_event_has_its_routing_key()
    {
        var contract = contracts.Get("Idoven.Shared.Tests.Messaging.Happened");
        Assert.Equal((true, "thing.happened.v1"), (contract.IsPublic, contract.RoutingKey));
    }

    [Fact]
    public void Unregistered_type_throws() => Assert.Throws<InvalidOperationException>(() => contracts.Get(typeof(Uri)));

    [Theory]
    [InlineData("System.Uri")]
    [InlineData("System.Diagnostics.Process, System.Diagnostics.Process")]
    [InlineData("idoven.shared.tests.messaging.sent")]
    [InlineData("Sent")]
    [InlineData("")]
    public void Unregistered_stored_name_throws(string name)
    {
        Assert.Throws<InvalidOperationException>(() => contracts.Get(name));
        Assert.Null(new Topology().FindMessage(name));
    }

    [Fact]
    public void A_type_is_registered_once() => Assert.Throws<ArgumentException>(() => contracts.PublicEvent<Sent>("sent.v1"));

    [Fact]
    public void Two_queues_can_receive_the_same_message()
    {
        var topology = new Topology();
        topology.Bind("first-queue", new MessageContract(typeof(Sent), RoutingKey: null));
        topology.Bind("second-queue", new MessageContract(typeof(Sent), RoutingKey: null));
        Assert.Equal(typeof(Sent), topology.FindMessage("Idoven.Shared.Tests.Messaging.Sent")!.Type);
    }
}

public sealed record Sent(Guid ThingId, string? Note);

public sealed record Happened(Guid ThingId, int Count);
