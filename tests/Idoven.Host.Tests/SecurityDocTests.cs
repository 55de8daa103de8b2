using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests;

/// <summary>Tests that the tests that docs/security.md names as proof exist under these names.</summary>
public sealed partial class SecurityDocTests
{
    private const int NameParts = 2;
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));

    [Fact]
    public void Every_named_test_exists()
    {
        Assert.InRange(Named(Document).Count(), 60, int.MaxValue);
        Assert.Empty(Missing(Document));
    }

    [Fact]
    public void Named_test_that_does_not_exist_is_reported() => Assert.Equal(
        ["NoSuchTests", "TotpTests.Codes_are_never_wrong", "SessionTests.Sid"],
        Missing(
            "`NoSuchTests`, `TotpTests.Codes_are_never_wrong`, `SessionTests.Sid`, " +
            "`TotpTests.Codes_equal_the_test_values_of_RFC_6238`, `TotpTests`"));

    [Fact]
    public void Every_item_is_listed_once_with_its_proof()
    {
        var rows = Item().Matches(Document);

        Assert.InRange(rows.Count, 80, int.MaxValue);
        Assert.Equal(rows.Select(row => row.Groups["item"].Value).Distinct(), rows.Select(row => row.Groups["item"].Value));
        Assert.DoesNotContain(
            rows, row => row.Groups["proof"].Value is not ("by reading" or "by document") && !Named(row.Groups["proof"].Value).Any());
    }

    [Fact]
    public void Every_entry_point_names_tests_for_its_protection_and_its_remaining_risk()
    {
        var entryPoints = EntryPoint().Matches(Document[..Document.IndexOf("## ASVS", StringComparison.Ordinal)]);
        var cells = entryPoints.SelectMany(entryPoint => new[] { entryPoint.Groups["stopped"].Value, entryPoint.Groups["left"].Value });

        Assert.InRange(entryPoints.Count, 14, int.MaxValue);
        Assert.DoesNotContain(cells, cell => IsWithoutProof(cell));
        Assert.True(IsWithoutProof("the network itself"));
        Assert.True(IsWithoutProof("the network itself (by reading), and connections (`RemainingRiskTests`)"));

        static bool IsWithoutProof(string cell) => cell.Contains("by reading", StringComparison.Ordinal) || !Named(cell).Any();
    }

    [Fact]
    public void Every_attack_that_succeeds_is_in_the_document()
    {
        var attacks = typeof(RemainingRiskTests)
            .GetMethods()
            .Where(method => method.IsDefined(typeof(FactAttribute), inherit: false))
            .Select(method => method.Name)
            .ToList();

        Assert.NotEmpty(attacks);
        Assert.Empty(attacks.Except(Named(Document).Select(name => name.Split('.', NameParts)[^1])));
    }

    [Fact]
    public void Every_named_drill_exists()
    {
        var drills = File.ReadAllText(Path.Combine(Repository.Root, "docs", "drills.md"));
        var named = Drill().Matches(Document).Select(drill => drill.Groups["name"].Value).ToList();

        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, name => !drills.Contains($"| `{name}` |", StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Missing(string document)
    {
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).ToLookup(
            file => Path.GetFileNameWithoutExtension(file));
        return [.. Named(document).Where(name => !IsThere(name.Split('.', NameParts)))];

        bool IsThere(string[] name) => files[name[0]].Any(file =>
            name.Length < NameParts || Regex.IsMatch(
                File.ReadAllText(file),
                $@"\[(Fact|Theory)[^\n]*\n(\s*[\[/""][^\n]*\n)*\s*public (async )?(Task|void) {name[1]}\("));
    }

    private static IEnumerable<string> Named(string document) =>
        Test().Matches(document).Select(test => test.Groups["name"].Value).Distinct();

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z0-9]*Tests([.][A-Za-z0-9_]+)?)`")]
    private static partial Regex Test();

    [GeneratedRegex("drill `(?<name>[a-z-]+)`")]
    private static partial Regex Drill();

    [GeneratedRegex("^[|] [^|]*[*][*][^|]*[|] [^|]+ [|] (?<stopped>[^|]+) [|] (?<left>[^|]+) [|]$", RegexOptions.Multiline)]
    private static partial Regex EntryPoint();

    [GeneratedRegex("^[|] (?<item>[0-9]+[.][0-9]+[.][0-9]+) [|].*[|] (?<proof>[^|]+) [|]$", RegexOptions.Multiline)]
    private static partial Regex Item();
}
