// A module that breaks every rule once. It is never run: each rule must report its offender by name.
#pragma warning disable CA1852, CA1823, CA1801, IDE0044, IDE0051, IDE0060, CS0169, CS9113

namespace Offenders.Shop.Domain
{
    internal sealed class DomainThatUsesEntityFramework(Microsoft.EntityFrameworkCore.DbContext db)
    {
        public override string ToString() => db.ToString()!;
    }
}

namespace Offenders.Shop.Domain
{
    internal sealed class DomainThatReadsFiles
    {
        public override string ToString() => System.IO.File.ReadAllText("price");
    }

    internal sealed class DomainThatSendsRequests(System.Net.Http.HttpClient http)
    {
        public override string ToString() => http.ToString()!;
    }
}

namespace Offenders.Shop.Jobs
{
    // Neither the folder nor the suffix tells a ring: the strictest applies.
    internal sealed class WorkOutsideTheRings(Microsoft.EntityFrameworkCore.DbContext db)
    {
        public override string ToString() => db.ToString()!;
    }
}

namespace Offenders.Shop.Application
{
    internal sealed class ApplicationThatResolvesServices(IServiceProvider services)
    {
        public override string ToString() =>
            Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<string>(services);
    }

    internal sealed class ApplicationThatUsesTheModuleClass
    {
        public override string ToString() => ShopModule.Describe();
    }

    internal sealed class ApplicationThatUsesHttp(Microsoft.AspNetCore.Http.HttpContext context)
    {
        public override string ToString() => context.TraceIdentifier;
    }

    internal sealed class ApplicationThatUsesInfrastructure(Infrastructure.Store store)
    {
        public override string ToString() => store.ToString()!;
    }

    internal sealed class ApplicationThatUsesSharedHttp(global::Idoven.Shared.Web.Authorization.CurrentCaller caller)
    {
        public override string ToString() => caller.Subject;
    }

    internal sealed class ApplicationWithTheOutbox(global::Idoven.Shared.Messaging.Outbox.IOutbox outbox)
    {
        public override string ToString() => outbox.ToString()!;
    }
}

namespace Offenders.Shop.Infrastructure
{
    internal sealed class Store
    {
    }

    internal sealed class StoreThatUsesAnEndpoint(Api.EndpointThatUsesInfrastructure endpoint)
    {
        public override string ToString() => endpoint.ToString()!;
    }
}

namespace Offenders.Shop.Api
{
    internal sealed class EndpointThatRunsSql(Npgsql.NpgsqlDataSource database)
    {
        public override string ToString() => database.ToString()!;
    }

    internal sealed class EndpointThatUsesInfrastructure(Infrastructure.Store store)
    {
        public override string ToString() => store.ToString()!;
    }
}

namespace Offenders.Shop.Consumers
{
    internal sealed class ConsumerThatRunsSql(Npgsql.NpgsqlDataSource database)
    {
        public override string ToString() => database.ToString()!;
    }

    internal sealed class ConsumerThatUsesInfrastructure(Infrastructure.Store store)
    {
        public override string ToString() => store.ToString()!;
    }

    internal sealed class ConsumerThatPublishes(MassTransit.IPublishEndpoint endpoint)
    {
        public override string ToString() => endpoint.ToString()!;
    }
}

namespace Offenders.Shop
{
    internal static class ShopModule
    {
        public static string Describe() => nameof(ShopModule);
    }

    public sealed class PublicTypeOfAModule
    {
    }

    internal sealed class ModuleThatUsesAnotherModule(Till.Domain.Drawer drawer)
    {
        public override string ToString() => drawer.ToString()!;
    }
}

namespace Offenders.Till.Domain
{
    internal sealed class Drawer
    {
    }
}

namespace Offenders.Shared
{
    internal sealed class SharedThatKnowsAModule(Till.Domain.Drawer drawer)
    {
        public override string ToString() => drawer.ToString()!;
    }

    internal sealed class LoopWithoutTheBaseClass : Microsoft.Extensions.Hosting.BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => throw new TimeoutException();
    }

    internal sealed class HostedServiceWithALoopOfItsOwn : Microsoft.Extensions.Hosting.IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    internal sealed class JobWithTheBaseClass(TimeProvider clock, Microsoft.Extensions.Logging.ILogger logger)
        : global::Idoven.Shared.Data.Jobs.PeriodicService("planted", TimeSpan.FromSeconds(1), clock, logger)
    {
        protected override Task RunOnce(CancellationToken stoppingToken) => Task.CompletedTask;
    }
}
