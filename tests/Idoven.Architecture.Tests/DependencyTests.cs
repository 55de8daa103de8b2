namespace Idoven.Architecture.Tests;

/// <summary>Every rule of "The arrows", on the product and on an offender that it must name.</summary>
public sealed class DependencyTests
{
    private const string Shop = "Offenders.Shop";
    private static readonly string[] PlantedModules = [Shop, "Offenders.Till"];

    private static readonly Dictionary<string, string> HostedServicesThatAreNoJobs = new()
    {
        ["Idoven.Host.DevelopmentSeeding"] = "Runs once before the host serves. An exception ends the start with an exit code.",
        ["Idoven.Users.Infrastructure.AppointFirstSuperadmin"] = "Runs once, as DevelopmentSeeding does.",
        ["Idoven.Identity.Keys.KeyRing"] = "Reads the keys once before the host serves. WatchIssuerKeys reads them again.",
        ["Idoven.Ecgs.Infrastructure.CancelledAnalyses"] = "Acts once while the host stops.",
        ["Idoven.Host.Readiness.DrainBeforeStop"] = "Acts once while the host stops.",
        ["Idoven.Shared.Messaging.ModuleWorker`1"] = "Its own loop catches every exception and logs at most once a minute.",
    };

    public static TheoryData<string> Modules => [.. ProductTypes.Modules];

    [Theory, MemberData(nameof(Modules))]
    public void Domain_sees_only_the_base_library_and_analysis(string module) =>
        Holds(Rules.DomainSeesOnlyTheBaseLibraryAndAnalysis(ProductTypes.Product, module));

    [Fact]
    public void Domain_types_that_use_a_framework_files_or_the_network_are_named() =>
        Names(
            Rules.DomainSeesOnlyTheBaseLibraryAndAnalysis(ProductTypes.Planted, Shop),
            "Offenders.Shop.Domain.DomainThatReadsFiles",
            "Offenders.Shop.Domain.DomainThatSendsRequests",
            "Offenders.Shop.Domain.DomainThatUsesEntityFramework",
            "Offenders.Shop.Jobs.WorkOutsideTheRings");

    [Theory, MemberData(nameof(Modules))]
    public void Application_sees_no_framework_and_no_outer_ring(string module) =>
        Holds(Rules.ApplicationSeesNoFrameworkAndNoOuterRing(ProductTypes.Product, module));

    [Fact]
    public void Application_types_that_use_a_framework_or_an_outer_ring_are_named() =>
        Names(
            Rules.ApplicationSeesNoFrameworkAndNoOuterRing(ProductTypes.Planted, Shop),
            "Offenders.Shop.Application.ApplicationThatResolvesServices",
            "Offenders.Shop.Application.ApplicationThatUsesHttp",
            "Offenders.Shop.Application.ApplicationThatUsesInfrastructure",
            "Offenders.Shop.Application.ApplicationThatUsesSharedHttp",
            "Offenders.Shop.Application.ApplicationThatUsesTheModuleClass");

    [Theory, MemberData(nameof(Modules))]
    public void Api_sees_no_infrastructure(string module) => Holds(Rules.ApiSeesNoInfrastructure(ProductTypes.Product, module));

    [Fact]
    public void Endpoints_that_use_infrastructure_or_sql_are_named() =>
        Names(
            Rules.ApiSeesNoInfrastructure(ProductTypes.Planted, Shop),
            "Offenders.Shop.Api.EndpointThatRunsSql",
            "Offenders.Shop.Api.EndpointThatUsesInfrastructure");

    [Theory, MemberData(nameof(Modules))]
    public void Consumers_see_no_infrastructure(string module) => Holds(Rules.ConsumersSeeNoInfrastructure(ProductTypes.Product, module));

    [Fact]
    public void Consumers_that_use_infrastructure_or_sql_are_named() =>
        Names(
            Rules.ConsumersSeeNoInfrastructure(ProductTypes.Planted, Shop),
            "Offenders.Shop.Consumers.ConsumerThatRunsSql",
            "Offenders.Shop.Consumers.ConsumerThatUsesInfrastructure");

    [Theory, MemberData(nameof(Modules))]
    public void Infrastructure_sees_no_entry_point(string module) =>
        Holds(Rules.InfrastructureSeesNoEntryPoint(ProductTypes.Product, module));

    [Fact]
    public void Infrastructure_that_uses_an_endpoint_is_named() =>
        Names(Rules.InfrastructureSeesNoEntryPoint(ProductTypes.Planted, Shop), "Offenders.Shop.Infrastructure.StoreThatUsesAnEndpoint");

    [Fact]
    public void Every_type_that_is_assigned_to_a_ring_by_name_exists() =>
        Assert.All(Rings.Exceptions, name => Assert.Contains(
            ProductTypes.Product,
            type => type.Name == name && ProductTypes.Modules.Any(module => ProductTypes.Under(type, module))));

    [Theory, MemberData(nameof(Modules))]
    public void A_module_sees_no_other_module(string module) =>
        Holds(Rules.ModuleSeesNoOtherModule(ProductTypes.Product, module, ProductTypes.Modules));

    [Fact]
    public void A_module_that_uses_another_is_named() =>
        Names(Rules.ModuleSeesNoOtherModule(ProductTypes.Planted, Shop, PlantedModules), "Offenders.Shop.ModuleThatUsesAnotherModule");

    [Fact]
    public void Shared_sees_no_module() => Holds(Rules.SharedSeesNoModule(ProductTypes.Product, "Idoven.Shared", ProductTypes.Modules));

    [Fact]
    public void Shared_that_knows_a_module_is_named() =>
        Names(
            Rules.SharedSeesNoModule(ProductTypes.Planted, "Offenders.Shared", PlantedModules),
            "Offenders.Shared.SharedThatKnowsAModule");

    [Fact]
    public void Only_messaging_touches_the_bus() =>
        Holds(Rules.OnlyMessagingTouchesTheBus(ProductTypes.Product, "Idoven", "Idoven.Shared.Messaging"));

    [Fact]
    public void A_consumer_that_publishes_is_named() =>
        Names(
            Rules.OnlyMessagingTouchesTheBus(ProductTypes.Planted, "Offenders", "Offenders.Shared.Messaging"),
            "Offenders.Shop.Consumers.ConsumerThatPublishes");

    [Theory, MemberData(nameof(Modules))]
    public void Only_the_module_class_is_public(string module) => Holds(Rules.OnlyTheModuleClassIsPublic(ProductTypes.Product, module));

    [Fact]
    public void A_public_type_of_a_module_is_named() =>
        Names(Rules.OnlyTheModuleClassIsPublic(ProductTypes.Planted, Shop), "Offenders.Shop.PublicTypeOfAModule");

    [Fact]
    public void Hosted_services_are_background_jobs() =>
        Holds(Rules.HostedServicesAreBackgroundJobs(ProductTypes.ProductByReflection, HostedServicesThatAreNoJobs.Keys));

    [Fact]
    public void Every_hosted_service_that_is_excepted_exists() =>
        Assert.All(
            HostedServicesThatAreNoJobs.Keys,
            name => Assert.Contains(ProductTypes.ProductByReflection, type => type.FullName == name));

    [Fact]
    public void Hosted_services_with_a_loop_of_their_own_are_named() =>
        Names(
            Rules.HostedServicesAreBackgroundJobs(ProductTypes.PlantedByReflection, HostedServicesThatAreNoJobs.Keys),
            "Offenders.Shared.HostedServiceWithALoopOfItsOwn",
            "Offenders.Shared.LoopWithoutTheBaseClass");

    private static void Holds(Verdict verdict)
    {
        Assert.True(verdict.Scanned > 0, "the rule examined no type");
        Assert.True(verdict.Offences.Count == 0, $"{verdict}");
    }

    private static void Names(Verdict verdict, params string[] offenders) => Assert.Equal(offenders, verdict.Offenders.Order());
}
