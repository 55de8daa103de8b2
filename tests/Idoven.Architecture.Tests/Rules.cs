using ArchUnitNET.Domain;
using Idoven.Shared.Data.Jobs;
using Microsoft.Extensions.Hosting;

namespace Idoven.Architecture.Tests;

/// <summary>
/// What a rule found: how many types it looked at, and the offenders by name. A rule that looked at nothing proves nothing,
/// so <see cref="Scanned"/> is asserted too.
/// </summary>
internal sealed record Verdict(int Scanned, IReadOnlyList<string> Offenders);

/// <summary>One function a rule; each takes the types to look at and the module's root namespace, so that offenders can be fed to it.</summary>
internal static class Rules
{
    private static readonly string[] Frameworks = ["Microsoft.EntityFrameworkCore", "Npgsql", "Microsoft.AspNetCore", "MassTransit", "RabbitMQ", "OpenIddict"];

    private static readonly string[] BusTypes =
        ["MassTransit.IBus", "MassTransit.IBusControl", "MassTransit.IPublishEndpoint", "MassTransit.ISendEndpointProvider", "RabbitMQ.Client"];

    /// <summary>The types of Shared that a use case may use: a few plain types that hide no framework.</summary>
    private static readonly string[] SharedOfApplication =
    [
        "Idoven.Shared.Messaging.Outbox.IOutbox", "Idoven.Shared.Audit.IAuditLog", "Idoven.Shared.Audit.AuditEntry", "Idoven.Shared.Web.Idempotency.RequestKey",
        "Idoven.Shared.Data.BackgroundScope", "Idoven.Shared.Data.Limits",
    ];

    public static Verdict DomainSeesOnlyTheBaseLibraryAndAnalysis(IEnumerable<IType> types, string module) =>
        Check(types, $"{module}.Domain", target =>
            !ProductTypes.Under(target, "System") && !ProductTypes.Under(target, $"{module}.Domain") && !ProductTypes.Under(target, $"{module}.Analysis")
            && target != $"{module}.Contracts.UserRole");

    public static Verdict ApplicationSeesNoFrameworkAndNoOuterRing(IEnumerable<IType> types, string module) =>
        Check(types, $"{module}.Application", target =>
            Frameworks.Any(framework => ProductTypes.Under(target, framework))
            || ProductTypes.Under(target, $"{module}.Infrastructure") || ProductTypes.Under(target, $"{module}.Api") || ProductTypes.Under(target, $"{module}.Consumers")
            || (ProductTypes.Under(target, "Idoven.Shared") && !SharedOfApplication.Any(allowed => ProductTypes.Under(target, allowed))));

    public static Verdict ApiSeesNoInfrastructure(IEnumerable<IType> types, string module) =>
        Check(types, $"{module}.Api", target => ProductTypes.Under(target, $"{module}.Infrastructure"));

    public static Verdict ConsumersSeeNoInfrastructure(IEnumerable<IType> types, string module) =>
        Check(types, $"{module}.Consumers", target => ProductTypes.Under(target, $"{module}.Infrastructure"));

    public static Verdict InfrastructureSeesNoDoor(IEnumerable<IType> types, string module) =>
        Check(types, $"{module}.Infrastructure", target => ProductTypes.Under(target, $"{module}.Api") || ProductTypes.Under(target, $"{module}.Consumers"));

    /// <summary>A module may see another's Contracts, never the module.</summary>
    public static Verdict ModuleSeesNoOtherModule(IEnumerable<IType> types, string module, IEnumerable<string> allModules)
    {
        var others = allModules.Where(other => other != module).ToList();
        return Check(types, module, target => others.Any(other => ProductTypes.Under(target, other) && !ProductTypes.Under(target, $"{other}.Contracts")));
    }

    public static Verdict SharedSeesNoModule(IEnumerable<IType> types, string shared, IEnumerable<string> allModules) =>
        Check(types, shared, target => allModules.Any(module => ProductTypes.Under(target, module)));

    public static Verdict OnlyMessagingTouchesTheBus(IEnumerable<IType> types, string house, string messaging) =>
        Check(types.Where(type => !ProductTypes.Under(type, messaging)), house, target => BusTypes.Any(bus => ProductTypes.Under(target, bus)));

    public static Verdict OnlyTheModuleClassIsPublic(IEnumerable<IType> types, string module)
    {
        var scanned = types.Where(type => ProductTypes.Under(type, module) && !ProductTypes.Under(type, $"{module}.Contracts") && !ProductTypes.Under(type, $"{module}.Analysis")).ToList();
        return new Verdict(scanned.Count, [.. scanned
            .Where(type => type.Visibility == Visibility.Public && type.Name != $"{module.Split('.')[^1]}Module" && !ProductTypes.Under(type, $"{module}.Infrastructure.Migrations"))
            .Select(type => type.FullName)]);
    }

    /// <summary>A hosted service derives from <see cref="PeriodicService"/>, so that no exception of its work ends the host.</summary>
    /// <param name="exceptions">The full names of those that need not.</param>
    public static Verdict HostedServicesAreBackgroundJobs(IEnumerable<Type> types, IEnumerable<string> exceptions)
    {
        var scanned = types
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IHostedService)))
            .ToList();
        return new Verdict(scanned.Count, [.. scanned
            .Where(type => !type.IsAssignableTo(typeof(PeriodicService)) && !exceptions.Contains(type.FullName))
            .Select(type => type.FullName!)]);
    }

    private static Verdict Check(IEnumerable<IType> types, string ring, Func<string, bool> isForbidden)
    {
        var scanned = types.Where(type => ProductTypes.Under(type, ring)).ToList();
        return new Verdict(scanned.Count, [.. scanned
            .Where(type => type.Dependencies.Any(dependency => isForbidden(dependency.Target.FullName)))
            .Select(type => type.FullName)
            .Distinct()]);
    }
}
