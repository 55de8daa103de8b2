namespace Idoven.Architecture.Tests;

public sealed class ProjectReferenceTests
{
    private static readonly IReadOnlyList<ProjectReferences> Product = ProjectReferences.OfTheProduct();

    [Fact]
    public void Every_project_reference_is_allowed()
    {
        Assert.True(Product.Count >= 10, "the project files were not found");
        Assert.Empty(ProjectReferences.Forbidden(Product));
    }

    [Theory]
    [InlineData("Idoven.Users", "Idoven.Ecgs")]
    [InlineData("Idoven.Users", "Idoven.Ecgs.Analysis")]
    [InlineData("Idoven.Shared.Web", "Idoven.Users.Contracts")]
    [InlineData("Idoven.Shared.Data", "Idoven.Shared.Messaging")]
    [InlineData("Idoven.Shared.Messaging", "Idoven.Shared.Audit")]
    [InlineData("Idoven.Shared.Audit", "Idoven.Shared.Web")]
    [InlineData("Idoven.Ecgs.Contracts", "Idoven.Shared.Data")]
    [InlineData("Idoven.Host", "Idoven.Ecgs.Contracts")]
    [InlineData("Idoven.Ecgs", "Idoven.Ecgs.Accuracy")]
    [InlineData("Idoven.Ecgs.Accuracy", "Idoven.Ecgs")]
    public void A_forbidden_project_reference_is_named(string from, string to) =>
        Assert.Equal([$"{from} -> {to}"], ProjectReferences.Forbidden([new ProjectReferences(from, [to], [])]));

    [Fact]
    public void Contracts_and_analysis_refer_to_nothing() => Assert.Empty(ProjectReferences.NotPure(Product));

    [Fact]
    public void Contracts_that_refer_to_a_package_are_named() =>
        Assert.Equal(
            ["Idoven.Shop.Contracts"],
            ProjectReferences.NotPure([new ProjectReferences("Idoven.Shop.Contracts", [], ["MassTransit"])]));

    [Fact]
    public void Accuracy_that_refers_to_a_package_is_named() =>
        Assert.Equal(
            ["Idoven.Ecgs.Accuracy"],
            ProjectReferences.NotPure([new ProjectReferences("Idoven.Ecgs.Accuracy", ["Idoven.Ecgs.Analysis"], ["Sep"])]));
}
