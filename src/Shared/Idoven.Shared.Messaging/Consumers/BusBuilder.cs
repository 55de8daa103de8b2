using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Transport;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Shared.Messaging.Consumers;

/// <summary>
/// Collects the queues of all modules. Every host declares all of them; a consumer is added only if its module is part of the host.
/// </summary>
public sealed class BusBuilder
{
    private readonly IServiceCollection services;
    private readonly Uri uri;

    internal BusBuilder(IServiceCollection services, Uri uri) => (this.services, this.uri) = (services, uri);

    internal Topology Topology { get; } = new();

    /// <summary>Returns the queues of one module.</summary>
    /// <typeparam name="TDb">The module's DbContext: its schema holds the inbox and the parked messages.</typeparam>
    public ModuleQueues<TDb> Module<TDb>()
        where TDb : DbContext
    {
        var registered = services.FirstOrDefault(service => service.ServiceType == typeof(ModuleMessaging<TDb>));
        if (registered?.ImplementationInstance is not ModuleMessaging<TDb> module)
        {
            return new(this, endpoints: null);
        }

        var endpoints = new ModuleEndpoints<TDb>(module.Module);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ConsumerBusService<TDb>>(provider, uri, endpoints));
        services.AddSingleton<IModuleConsumers>(provider => provider.GetRequiredService<ConsumerBusService<TDb>>());
        services.AddHostedService(provider => provider.GetRequiredService<ConsumerBusService<TDb>>());
        return new(this, endpoints);
    }

    internal void Consume<TConsumer, TMessage, TDb>(string queue, ModuleEndpoints<TDb>? endpoints, int concurrency, int prefetch)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class
        where TDb : DbContext
    {
        var contract = new MessageContract(typeof(TMessage), RoutingKey: null);
        Topology.Bind(queue, contract);
        if (endpoints is null)
        {
            return;
        }

        services.AddScoped<TConsumer>();
        endpoints.Add((provider, bus, lifetime) => bus.ReceiveEndpoint(queue, endpoint =>
        {
            foreach (var (name, value) in Topology.QueueArguments(queue))
            {
                endpoint.SetQueueArgument(name, value);
            }

            endpoint.ConfigureConsumeTopology = false;
            endpoint.PrefetchCount = prefetch;
            endpoint.ConcurrentMessageLimit = concurrency;

            // An exception that escapes the consumer returns the message to the queue; past the delivery limit it is dead-lettered.
            // No message about the failure is published: a bus that stops can no longer publish, and would fail again.
            endpoint.RethrowFaultedMessages();
            endpoint.PublishFaults = false;
            endpoint.ThrowOnSkippedMessages();
            endpoint.Consumer(() => new InboxConsumer<TConsumer, TMessage, TDb>(provider, queue, lifetime));
        }));
    }
}

/// <summary>The receive endpoints of one module's bus.</summary>
internal sealed class ModuleEndpoints<TDb>(string module)
    where TDb : DbContext
{
    private readonly List<Action<IServiceProvider, IRabbitMqBusFactoryConfigurator, BusLifetime>> endpoints = [];

    public string Module { get; } = module;

    public void Add(Action<IServiceProvider, IRabbitMqBusFactoryConfigurator, BusLifetime> endpoint) => endpoints.Add(endpoint);

    public void Configure(IServiceProvider provider, IRabbitMqBusFactoryConfigurator bus, BusLifetime lifetime)
    {
        foreach (var endpoint in endpoints)
        {
            endpoint(provider, bus, lifetime);
        }
    }
}

/// <summary>One module's queues, named <c>&lt;module&gt;-&lt;use case&gt;</c>.</summary>
public sealed class ModuleQueues<TDb>
    where TDb : DbContext
{
    private readonly BusBuilder bus;
    private readonly ModuleEndpoints<TDb>? endpoints;

    /// <param name="endpoints">Null if the module is not enabled in this host.</param>
    internal ModuleQueues(BusBuilder bus, ModuleEndpoints<TDb>? endpoints) => (this.bus, this.endpoints) = (bus, endpoints);

    /// <summary>Adds a quorum queue for one consumer of one message.</summary>
    /// <param name="queue">The name of the queue, which must not change, like the name of the message.</param>
    /// <param name="concurrency">The number of messages that are handled at a time; the number of cores if not given.</param>
    /// <param name="prefetch">The number of unacknowledged messages that the host holds; twice the concurrency if not given.</param>
    public ModuleQueues<TDb> Consume<TConsumer, TMessage>(string queue, int? concurrency = null, int? prefetch = null)
        where TConsumer : class, IConsumer<TMessage>
        where TMessage : class
    {
        var limit = concurrency ?? Environment.ProcessorCount;
        bus.Consume<TConsumer, TMessage, TDb>(queue, endpoints, limit, prefetch ?? 2 * limit);
        return this;
    }
}
