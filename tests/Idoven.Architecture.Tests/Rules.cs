using ArchUnitNET.Domain;
using Idoven.Shared.Data.Jobs;
using Microsoft.Extensions.Hosting;

namespace Idoven.Architecture.Tests;

/// <summary>
/// Represents the result of a rule: how many types it examined, and the offenders. A rule that examined no type proves nothing,
/// so <see cref="Scanned"/> is asserted too.
/// </summary>
/// <param name="Scanned">The number of types that the rule examined.</param>
/// <param name="Offences">
/// The full name of each type that breaks the rule, with the type that it must not use; null if the type itself breaks the rule.
/// </param>
internal sealed record Verdict(int Scanned, IReadOnlyList<(string Type, string? Target)> Offences)
{
    /// <summary>Gets the full names of the types that break the rule.</summary>
    public IReadOnlyList<string> Offenders { get; } = [.. Offences.Select(offence => offence.Type).Distinct()];

    /// <summary>Returns all offences, one on each line.</summary>
    public override string ToString() => string.Join(
        '\n',
        Offences.Select(offence => offence.Target is null ? offence.Type : $"{offence.Type} -> {offence.Target}").Order());
}

/// <summary>
/// The rules, one method for each. A method takes the types to examine and the root namespace, so that it can be tested with offenders.
/// </summary>
internal static class Rules
{
    private static readonly string[] Frameworks =
        ["Microsoft.EntityFrameworkCore", "Npgsql", "Microsoft.AspNetCore", "MassTransit", "RabbitMQ", "OpenIddict"];

    private static readonly string[] BusTypes =
        [
            "MassTransit.IBus", "MassTransit.IBusControl", "MassTransit.IPublishEndpoint", "MassTransit.ISendEndpointProvider",
            "RabbitMQ.Client",
        ];

    /// <summary>The types of Shared that a use case may use: a few plain types that hide no framework.</summary>
    private static readonly string[] SharedOfApplication =
    [
        "Idoven.Shared.Messaging.Outbox.IOutbox",
        "Idoven.Shared.Audit.IAuditLog", "Idoven.Shared.Audit.AuditEntry",
        "Idoven.Shared.Web.Idempotency.RequestKey",
        "Idoven.Shared.Data.BackgroundWork", "Idoven.Shared.Data.Limits", "Idoven.Shared.Data.OpenTransaction",
    ];

    private static readonly string[] ForbiddenInTheDomain =
        ["System.Net", "System.IO", "System.Data", "System.Diagnostics.Process", "System.Console"];

    private static readonly string[] Persistence = ["Microsoft.EntityFrameworkCore", "Npgsql", "System.Data"];

    private static readonly string[] DependencyInjection = ["Microsoft.Extensions.DependencyInjection"];

    /// <summary>Types of the domain that may read a stream: they read an embedded resource.</summary>
    private static readonly string[] ReadersOfResources = ["Idoven.Identity.SignIn.CommonPasswords"];

    /// <summary>The roles of users, which are defined once, in the contracts of their module.</summary>
    private const string RolesOfUsers = "Idoven.Users.Contracts.UserRole";

    public static Verdict DomainSeesOnlyTheBaseLibraryAndAnalysis(IEnumerable<IType> types, string module) =>
        CheckRing(types.Where(type => !ReadersOfResources.Any(reader => ProductTypes.Under(type, reader))), module, Ring.Domain, target =>
            ForbiddenInTheDomain.Any(part => ProductTypes.Under(target, part))
            || (!ProductTypes.Under(target, "System") && Rings.Find(target, module) != Ring.Domain
                && !ProductTypes.Under(target, $"{module}.Analysis") && target != RolesOfUsers));

    public static Verdict ApplicationSeesNoFrameworkAndNoOuterRing(IEnumerable<IType> types, string module) =>
        CheckRing(types, module, Ring.Application, target =>
            Frameworks.Concat(DependencyInjection).Any(framework => ProductTypes.Under(target, framework))
            || Rings.Find(target, module) is Ring.Infrastructure or Ring.Api or Ring.Consumers or Ring.Composition
            || (ProductTypes.Under(target, "Idoven.Shared") && !SharedOfApplication.Any(allowed => ProductTypes.Under(target, allowed))));

    public static Verdict ApiSeesNoInfrastructure(IEnumerable<IType> types, string module) =>
        CheckRing(types, module, Ring.Api, target => IsInfrastructure(target, module));

    public static Verdict ConsumersSeeNoInfrastructure(IEnumerable<IType> types, string module) =>
        CheckRing(types, module, Ring.Consumers, target => IsInfrastructure(target, module));

    public static Verdict InfrastructureSeesNoEntryPoint(IEnumerable<IType> types, string module) =>
        CheckRing(types, module, Ring.Infrastructure, target =>
            Rings.Find(target, module) is Ring.Api or Ring.Consumers or Ring.Composition);

    /// <summary>A module may use another module's contracts, but nothing else of it.</summary>
    public static Verdict ModuleSeesNoOtherModule(IEnumerable<IType> types, string module, IEnumerable<string> allModules)
    {
        var others = allModules.Where(other => other != module).ToList();
        return Check(types, module, target =>
            others.Any(other => ProductTypes.Under(target, other) && !ProductTypes.Under(target, $"{other}.Contracts")));
    }

    public static Verdict SharedSeesNoModule(IEnumerable<IType> types, string shared, IEnumerable<string> allModules) =>
        Check(types, shared, target => allModules.Any(module => ProductTypes.Under(target, module)));

    public static Verdict OnlyMessagingTouchesTheBus(IEnumerable<IType> types, string root, string messaging) =>
        Check(
            types.Where(type => !ProductTypes.Under(type, messaging)), root,
            target => BusTypes.Any(bus => ProductTypes.Under(target, bus)));

    public static Verdict OnlyTheModuleClassIsPublic(IEnumerable<IType> types, string module)
    {
        var scanned = types.Where(IsOfTheModule).ToList();
        return new Verdict(scanned.Count, [.. scanned.Where(IsPublic).Select(type => (type.FullName, (string?)null))]);

        bool IsOfTheModule(IType type) => ProductTypes.Under(type, module)
            && !ProductTypes.Under(type, $"{module}.Contracts") && !ProductTypes.Under(type, $"{module}.Analysis");

        bool IsPublic(IType type) => type.Visibility == Visibility.Public
            && type.Name != $"{module.Split('.')[^1]}Module"
            && !ProductTypes.Under(type, $"{module}.Infrastructure.Migrations");
    }

    /// <summary>A hosted service derives from <see cref="PeriodicService"/>, so that an exception does not end the host.</summary>
    /// <param name="exceptions">The full names of services that need not derive from it.</param>
    public static Verdict HostedServicesAreBackgroundJobs(IEnumerable<Type> types, IEnumerable<string> exceptions)
    {
        var scanned = types
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IHostedService)))
            .ToList();
        return new Verdict(scanned.Count, [.. scanned
            .Where(type => !type.IsAssignableTo(typeof(PeriodicService)) && !exceptions.Contains(type.FullName))
            .Select(type => (type.FullName!, (string?)null))]);
    }

    private static bool IsInfrastructure(string target, string module) =>
        Rings.Find(target, module) is Ring.Infrastructure or Ring.Composition
        || Persistence.Any(part => ProductTypes.Under(target, part));

    private static Verdict CheckRing(IEnumerable<IType> types, string module, Ring ring, Func<string, bool> isForbidden) =>
        Check([.. types.Where(type => Rings.Find(type.FullName, module) == ring)], isForbidden);

    private static Verdict Check(IEnumerable<IType> types, string root, Func<string, bool> isForbidden) =>
        Check([.. types.Where(type => ProductTypes.Under(type, root))], isForbidden);

    private static Verdict Check(List<IType> scanned, Func<string, bool> isForbidden) =>
        new(scanned.Count, [.. scanned.SelectMany(type => type.Dependencies
            .Select(dependency => dependency.Target.FullName)
            .Where(isForbidden)
            .Select(target => (type.FullName, (string?)target)))
            .Distinct()]);
}
