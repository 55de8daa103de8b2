using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace Idoven.Architecture.Tests;

/// <summary>The compiled product and the compiled offenders, loaded once.</summary>
internal static class ProductTypes
{
    private static readonly IReadOnlyList<Assembly> Assemblies =
    [
        .. new[]
        {
            "Idoven.Host", "Idoven.Architecture.Tests",
            "Idoven.Shared.Data", "Idoven.Shared.Messaging", "Idoven.Shared.Audit", "Idoven.Shared.Web",
            "Idoven.Ecgs", "Idoven.Ecgs.Analysis", "Idoven.Ecgs.Contracts",
            "Idoven.Users", "Idoven.Users.Contracts", "Idoven.Identity", "Idoven.Identity.Contracts",
        }.Select(Assembly.Load),
    ];

    private static readonly Lazy<IReadOnlyList<IType>> All = new(() =>
        [.. new ArchLoader().LoadAssemblies([.. Assemblies]).Build().Types.Where(type => !IsMadeByTheCompiler(type))]);

    public static IReadOnlyList<string> Modules { get; } = ["Idoven.Ecgs", "Idoven.Users", "Idoven.Identity"];

    /// <summary>Gets the types of the product.</summary>
    public static IReadOnlyList<IType> Product { get; } =
        [.. All.Value.Where(type => !Under(type, "Offenders") && !Under(type, "Idoven.Architecture.Tests"))];

    /// <summary>Gets the types that break a rule on purpose: a module called Shop, outside the namespaces of the product.</summary>
    public static IReadOnlyList<IType> Planted { get; } = [.. All.Value.Where(type => Under(type, "Offenders"))];

    /// <summary>The same types by reflection, for rules on what a type inherits from the framework.</summary>
    public static IReadOnlyList<System.Type> ProductByReflection { get; } =
    [
        .. Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => !Under($"{type}", "Offenders") && !Under($"{type}", "Idoven.Architecture.Tests")),
    ];

    /// <summary>The planted types by reflection.</summary>
    public static IReadOnlyList<System.Type> PlantedByReflection { get; } =
        [.. Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => Under($"{type}", "Offenders"))];

    public static bool Under(IType type, string root) => Under(type.FullName, root);

    public static bool Under(string fullName, string root) =>
        fullName.StartsWith(root, StringComparison.Ordinal)
            && (fullName.Length == root.Length || fullName[root.Length] is '.' or '/' or '`' or '+');

    private static bool IsMadeByTheCompiler(IType type) =>
        type.FullName.StartsWith('<') || type.Namespace.FullName.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)
        || type.Namespace.FullName.StartsWith("System.Runtime", StringComparison.Ordinal);
}
