namespace Idoven.Architecture.Tests;

public sealed class NamespaceCycleTests
{
    private static readonly string Planted =
        Path.Combine(ProjectReferences.Root(), "tests", "Idoven.Architecture.Tests", "Offenders", "Cycles");

    [Theory]
    [InlineData("src/Modules/Ecgs/Idoven.Ecgs", 16)]
    [InlineData("src/Modules/Users/Idoven.Users", 7)]
    [InlineData("src/Modules/Ecgs/Idoven.Ecgs.Analysis", 9)]
    [InlineData("src/Modules/Ecgs/Idoven.Ecgs.Accuracy", 1)]
    [InlineData("src/Shared/Idoven.Shared.Data", 5)]
    [InlineData("src/Shared/Idoven.Shared.Messaging", 9)]
    [InlineData("src/Shared/Idoven.Shared.Audit", 1)]
    [InlineData("src/Shared/Idoven.Shared.Web", 8)]
    [InlineData("src/Host", 5)]
    public void The_namespaces_of_a_project_have_no_cycles(string project, int namespaces)
    {
        var found = NamespaceCycles.Find(Path.Combine(ProjectReferences.Root(), project));
        Assert.True(found.Namespaces.Count >= namespaces, "the source files were not found");
        Assert.True(found.Offenders.Count == 0, string.Join('\n', found.Offenders));
    }

    [Fact]
    public void Every_reference_in_a_cycle_is_reported_and_no_other() =>
        Assert.Equal(
            [
                "Offenders.Cycles.First -> Offenders.Cycles.Second: First.cs(7) Second",
                "Offenders.Cycles.First -> Offenders.Cycles.Second: First.cs(7) Second.Limit",
                "Offenders.Cycles.Second -> Offenders.Cycles.Third: Second.cs(1) using Offenders.Cycles.Third",
                "Offenders.Cycles.Second -> Offenders.Cycles.Third: Second.cs(10) int.Twice()",
                "Offenders.Cycles.Third -> Offenders.Cycles.First: Third.cs(6) First",
            ],
            NamespaceCycles.Find(Planted).Offenders.Order(StringComparer.Ordinal));
}
