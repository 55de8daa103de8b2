using Idoven.Shared.Data.Configuration;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Data.Readiness;
using Idoven.Shared.Messaging.Consumers;
using Idoven.Shared.Messaging.Leadership;
using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Operations;
using Idoven.Shared.Messaging.Outbox;
using Idoven.Shared.Messaging.Parking;
using Idoven.Shared.Messaging.Transport;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Idoven.Shared.Messaging;

public static class MessagingExtensions
{
    /// <summary>Adds the outbox, the inbox, the parking and the worker of a module.</summary>
    public static void AddModuleMessaging<TDb>(this IHostApplicationBuilder builder, string module, Action<MessageContracts> contracts)
        where TDb : DbContext
    {
        var list = new MessageContracts();
        contracts(list);
        var services = builder.Services;
        services.TryAddScoped<Inbox>();
        services.AddSingleton(new ModuleMessaging<TDb>(module, list));
        services.AddSingleton(new ModuleContracts(module, list));
        services.AddScoped<IOutbox<TDb>, Outbox<TDb>>();
        services.AddScoped<IInterceptor, SignalWorkerOnCommit<TDb>>();
        services.AddScoped<IInterceptor, RecordDelivery<TDb>>();
        services.AddScoped<IInterceptor, EraseEarlierEvents<TDb>>();
        services.AddSingleton<Parking<TDb>>();
        services.TryAddSingleton<HostId>();
        services.AddSingleton<ConsumerGate<TDb>>();
        services.AddKeyedSingleton<IEventFeed, EventFeed<TDb>>(module);
        services.AddSingleton<CleanUpSchedule<TDb>>();
        services.AddRetentionRule<TDb>(
            "outbox", "id", "sent_at < now() - interval '1 day' and (not is_public or sent_at < now() - interval '30 days')");
        services.AddRetentionRule<TDb>("inbox", "message_id, consumer", "received_at < now() - interval '7 days'");
        services.AddSingleton<EventNumbering<TDb>>();
        services.AddScoped<IBackgroundJob<TDb>, ParkedDeliveryJob<TDb>>();
        services.AddScoped<IBackgroundJob<TDb>, CleanUpJob<TDb>>();
        services.AddSingleton<DeadLetterSchedule<TDb>>();
        services.AddScoped<IBackgroundJob<TDb>, DeadLetterJob<TDb>>();
        services.AddHostedService<ModuleWorker<TDb>>();
        services.AddHostedService<ModuleGauges<TDb>>();
        services.AddHostedService<WriteCheck<TDb>>();
        services.AddSingleton<RelayCheck<TDb>>();
        services.AddDegradedCheck<RelayCheck<TDb>>($"relay-{module}");
    }

    /// <summary>Adds a rule for rows that are removed every ten minutes.</summary>
    /// <param name="table">The table in the module's schema.</param>
    /// <param name="key">The key of the table, as a list of columns.</param>
    /// <param name="which">The condition, in SQL, which should use an index.</param>
    public static void AddRetentionRule<TDb>(this IServiceCollection services, string table, string key, string which)
        where TDb : DbContext => services.AddSingleton(new RetentionRule<TDb>(table, key, which));

    /// <summary>Adds the broker's connection and one bus for each enabled module. The host also starts without the broker.</summary>
    /// <exception cref="ConfigurationException"><c>Broker:Uri</c> is missing or is not an AMQP address.</exception>
    public static void AddBus(this IHostApplicationBuilder builder, Action<BusBuilder> modules)
    {
        if (!Uri.TryCreate(builder.Configuration["Broker:Uri"], UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps"))
        {
            throw new ConfigurationException(
                "Broker:Uri is not set: give the RabbitMQ address, such as amqp://user:password@host:5672/.");
        }

        var bus = new BusBuilder(builder.Services, uri);
        modules(bus);
        var services = builder.Services;
        services.AddSingleton(bus.Topology);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Broker>(provider, uri));
        services.AddSingleton<IBrokerState>(provider => provider.GetRequiredService<Broker>());
        services.AddHostedService<DeadLetterGauge>();
        services.AddHostedService(provider => provider.GetRequiredService<Broker>());
        services.AddSingleton<Publisher>();
        services.AddSingleton<ConsumerBusService>();
        services.AddSingleton<QueueBacklog>();
        services.AddDegradedCheck<BrokerCheck>("broker");
        services.AddDegradedCheck<ConsumerBusService>("consumers");
    }
}
