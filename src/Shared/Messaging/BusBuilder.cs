using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Messaging;

/// <summary>
/// Collects the queues of all modules. Each is declared by every host; a consumer is attached only where its module is part of
/// the host.
/// </summary>
public sealed class BusBuilder
{
    private readonly IServiceCollection services;
    private readonly List<Action<IServiceProvider, IRabbitMqBusFactoryConfigurator>> endpoints = [];

    internal BusBuilder(IServiceCollection services) => this.services = services;

    internal Topology Topology { get; } = new();

    internal MessageTypes Types { get; } = new();

    /// <summary>The queues of one module.</summary>
    /// <typeparam name="TDb">The module's DbContext: its schema holds the inbox and the parked messages.</typeparam>
    public ModuleQueues<TDb> Module<TDb>()
        where TDb : DbContext => new(this, services.Any(service => service.ServiceType == typeof(ModuleMessaging<TDb>)));

    internal void Consume<TConsumer, TMessage, TDb>(string queue, bool attach, int concurrency, int prefetch)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class
        where TDb : DbContext
    {
        var contract = new Contract(typeof(TMessage), RoutingKey: null);
        Topology.Bind(queue, contract.Exchange);
        Types.Add(contract);
        if (!attach)
        {
            return;
        }

        services.AddScoped<TConsumer>();
        endpoints.Add((provider, bus) => bus.ReceiveEndpoint(queue, endpoint =>
        {
            endpoint.SetQuorumQueue();
            foreach (var (name, value) in Topology.QueueArguments(queue))
            {
                endpoint.SetQueueArgument(name, value);
            }

            endpoint.ConfigureConsumeTopology = false;
            endpoint.PrefetchCount = prefetch;
            endpoint.ConcurrentMessageLimit = concurrency;

            // What escapes goes back to the queue and, past the delivery limit, to its dead letters: never to a queue nobody reads.
            endpoint.RethrowFaultedMessages();
            endpoint.ThrowOnSkippedMessages();
            endpoint.Consumer(() => new Delivery<TConsumer, TMessage, TDb>(provider, queue));
        }));
    }

    internal void Configure(IServiceProvider provider, IRabbitMqBusFactoryConfigurator bus)
    {
        foreach (var endpoint in endpoints)
        {
            endpoint(provider, bus);
        }
    }
}

/// <summary>One module's queues, named <c>&lt;module&gt;-&lt;use case&gt;</c>.</summary>
public sealed class ModuleQueues<TDb>
    where TDb : DbContext
{
    private readonly BusBuilder bus;
    private readonly bool isEnabled;

    internal ModuleQueues(BusBuilder bus, bool isEnabled) => (this.bus, this.isEnabled) = (bus, isEnabled);

    /// <summary>A quorum queue of its own for one consumer of one message.</summary>
    /// <param name="queue">Its name, frozen like the message's.</param>
    /// <param name="concurrency">How many messages are handled at a time; the number of cores if not given.</param>
    /// <param name="prefetch">How many unacknowledged messages the host holds; twice the concurrency if not given.</param>
    public ModuleQueues<TDb> Consume<TConsumer, TMessage>(string queue, int? concurrency = null, int? prefetch = null)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class
    {
        var limit = concurrency ?? Environment.ProcessorCount;
        bus.Consume<TConsumer, TMessage, TDb>(queue, isEnabled, limit, prefetch ?? 2 * limit);
        return this;
    }
}
