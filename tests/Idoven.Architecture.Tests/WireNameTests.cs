using System.Reflection;

namespace Idoven.Architecture.Tests;

/// <summary>A contract's namespace and name are its exchange on the wire: a rename cuts off every running subscriber.</summary>
public sealed class WireNameTests
{
    [Fact]
    public void Message_names_equal_the_checked_in_list()
    {
        var names = ProductTypes.Modules
            .SelectMany(module => Assembly.Load($"{module}.Contracts").GetExportedTypes())
            .Where(type => !IsStaticClass(type))
            .Select(type => type.FullName!)
            .Order(StringComparer.Ordinal);
        var frozen = File.ReadAllLines(Path.Combine(ProjectReferences.Root(), "tests", "Idoven.Architecture.Tests", "wire-names.txt"));

        Assert.Equal(frozen, names);
    }

    /// <summary>A static class holds constants and is never a message.</summary>
    private static bool IsStaticClass(Type type) => type is { IsAbstract: true, IsSealed: true };
}
