namespace Idoven.Architecture.Tests.Language;

/// <summary>Checks the sources for long lines and for banned wordings.</summary>
public sealed class PlainEnglishTests
{
    private static readonly IReadOnlyList<SourceFile> Files = SourceFile.ReadAll();

    public static TheoryData<string, string> Examples => [.. BannedPhrases.All.Select(phrase => (phrase.Bad, phrase.Good))];

    [Fact]
    public void Every_kind_of_source_is_checked()
    {
        string[] expected =
        [
            "README.md", "idoven", ".ci/run", ".editorconfig", "Dockerfile", "compose.yaml", "scripts/host.sh", "docs/api.md",
            "src/Host/Program.cs",
        ];
        Assert.All(expected, path => Assert.Contains(Files, file => file.Path == path));
        Assert.DoesNotContain(Files, file => file.Path.Split('/').Any(folder => folder is "obj" or "Migrations" or "golden"));
    }

    [Fact]
    public void Lines_are_short_enough_to_read() => AssertNone(Files.SelectMany(LineLength.Check));

    [Fact]
    public void No_banned_wording_is_used() => AssertNone(Files.SelectMany(BannedPhrases.Check));

    [Fact]
    public void Every_accepted_fragment_is_still_in_the_sources() =>
        Assert.All(BannedPhrases.Accepted.Keys, fragment => Assert.Contains(
            Files.Where(file => !file.IsIn("tests/Idoven.Architecture.Tests/Language")).SelectMany(file => file.Lines),
            line => line.Contains(fragment, StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_banned_wording_is_reported_with_its_place(string bad, string good)
    {
        var offence = Assert.Single(BannedPhrases.Check(new SourceFile("src/X.cs", [good, bad])));
        Assert.StartsWith("src/X.cs:2: \"", offence.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Nobody_is_signed_out")]
    [InlineData("A_value_that_is_no_number_is_rejected")]
    public void A_banned_wording_in_the_name_of_a_test_is_reported(string name) =>
        Assert.Single(BannedPhrases.Check(new SourceFile("tests/XTests.cs", [$"    public void {name}()"])));

    [Theory]
    [InlineData("X.cs", 140, 0)]
    [InlineData("X.cs", 141, 1)]
    [InlineData("x.md", 120, 0)]
    [InlineData("x.md", 121, 1)]
    [InlineData("x.sh", 500, 0)]
    public void A_line_that_is_too_long_is_reported(string path, int length, int offences) =>
        Assert.Equal(offences, LineLength.Check(new SourceFile(path, [new string('x', length)])).Count());

    [Fact]
    public void Only_prose_is_measured_in_Markdown()
    {
        var words = new string('x', 119);
        string[] page =
        [
            $"| {words} | {words} |",
            "```",
            $"{words} {words}",
            "```",
            $"> {words}",
            $"[{words[..110]}](https://example.org/{words})",
            $"[x]: {words}{words}",
            $"{words} {words}",
        ];
        Assert.Equal([5, 8], LineLength.Check(new SourceFile("x.md", page)).Select(offence => offence.Line));
    }

    private static void AssertNone(IEnumerable<Offence> offences)
    {
        var all = offences.ToList();
        Assert.True(all.Count == 0, $"{all.Count} offenders (docs/glossary.md has the words to use):\n{string.Join('\n', all)}");
    }
}
