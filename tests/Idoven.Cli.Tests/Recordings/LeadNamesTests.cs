using Idoven.Cli.Recordings;

namespace Idoven.Cli.Tests.Recordings;

public sealed class LeadNamesTests
{
    [Fact]
    public void Names_become_valid_and_unique()
    {
        string?[] names =
        [
            " V5 ", "V5", "V5 (2)", "V5", null, "", "a\tb\u0001", new('x', 40), new('x', 40), new string('y', 31) + "😀",
            .. Enumerable.Repeat("same", 54),
        ];
        var given = LeadNames.MakeValid(names);
        Assert.All(given, name => Assert.InRange(name.Length, 1, 32));
        Assert.All(given, name => Assert.Equal(name.Trim(), name));
        Assert.All(given, name => Assert.DoesNotContain(name, char.IsControl));
        Assert.Equal(given.Count, given.Distinct().Count());
        Assert.Equal(
            [
                "V5", "V5 (2)", "V5 (2) (2)", "V5 (3)", "lead 5", "lead 6", "a b", new('x', 32), new string('x', 28) + " (2)", new('y', 31),
            ],
            given.Take(10));
    }
}
