using System.Text.RegularExpressions;

namespace Idoven.Architecture.Tests;

/// <summary>Checks the answers of docs/where.md.</summary>
public sealed partial class WhereTests
{
    private static readonly string Root = ProjectReferences.Root();

    [Fact]
    public void Every_row_names_a_file_that_contains_the_symbol()
    {
        var answers = Answers();
        Assert.True(answers.Count >= 12, $"{answers.Count} answers were found");
        var wrong = answers.Where(answer => !Holds(answer.Path, answer.Symbol)).ToList();
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_question_is_answered_by_at_most_two_files()
    {
        var questions = Questions();
        Assert.Equal(12, questions.Count);
        Assert.All(questions, question => Assert.InRange(question.Value, 1, 2));
    }

    [Theory]
    [InlineData("src/Host/NoSuchFile.cs", "EnabledModules")]
    [InlineData("src/Host/EnabledModules.cs", "NoSuchSymbol")]
    public void Row_with_a_missing_file_or_symbol_is_wrong(string path, string symbol) => Assert.False(Holds(path, symbol));

    [Fact]
    public void Every_path_that_a_document_names_exists()
    {
        var documents = Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Root, "README.md"))
            .Append(Path.Combine(Root, "CONTRIBUTING.md"));
        var named = documents.SelectMany(document => NamedPath().Matches(File.ReadAllText(document))
            .Select(match => (Document: Path.GetRelativePath(Root, document), Path: match.Groups["path"].Value)))
            .ToList();
        Assert.True(named.Count > 20, $"{named.Count} paths were found");
        var missing = named
            .Where(path => !path.Path.Contains("NAME", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Root, path.Path)))
            .ToList();
        Assert.Empty(missing);
    }

    private static bool Holds(string path, string symbol)
    {
        var file = Path.Combine(Root, path);
        return File.Exists(file) && File.ReadAllText(file).Contains(symbol, StringComparison.Ordinal);
    }

    private static List<(string Path, string Symbol)> Answers() =>
        [.. Rows().Select(row => (row.Groups["path"].Value, row.Groups["symbol"].Value))];

    /// <summary>Returns the number of files that answer each question.</summary>
    private static Dictionary<string, int> Questions()
    {
        var (questions, current) = (new Dictionary<string, int>(), "");
        foreach (Match row in Rows())
        {
            current = row.Groups["question"].Value is { Length: > 0 } question ? question : current;
            questions[current] = questions.GetValueOrDefault(current) + 1;
        }

        return questions;
    }

    private static MatchCollection Rows() => Row().Matches(File.ReadAllText(Path.Combine(Root, "docs", "where.md")));

    [GeneratedRegex(@"^\| (?<question>.*?) ?\| \[[^]]+\]\(\.\./(?<path>[^)]+)\) \| `(?<symbol>[^`]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<path>(?:src|tests|scripts|bench|examples|broker|\.ci)/[a-z0-9_./-]*[a-zA-Z0-9_./-]*)`")]
    private static partial Regex NamedPath();
}
