namespace Idoven.Architecture.Tests;

/// <summary>Sizes of the source tree: files in a folder, and the share of the code that the modules have in common.</summary>
public sealed class SourceTreeTests
{
    private const int MaxFiles = 20;

    // Decision 0035 explains why it is not 15 %.
    private const double MaxSharedPercent = 20;

    [Fact]
    public void No_folder_has_more_than_twenty_source_files() =>
        Assert.Equal("", Crowded(Sources(Path.Combine(ProjectReferences.Root(), "src"))));

    [Fact]
    public void A_folder_with_more_than_twenty_source_files_is_reported() =>
        Assert.Equal("Shop/Api: 21", Crowded(
            [
                .. Enumerable.Range(0, 21).Select(number => $"Shop/Api/{number}.cs"),
                .. Enumerable.Range(0, 20).Select(number => $"Shop/{number}.cs"),
            ]));

    [Fact]
    public void Shared_code_has_at_most_its_share_of_the_production_lines()
    {
        var source = Path.Combine(ProjectReferences.Root(), "src");
        var lines = Sources(source).ToDictionary(path => path, path => File.ReadLines(path).Count());
        var shared = lines
            .Where(file => file.Key.StartsWith(Path.Combine(source, "Shared"), StringComparison.Ordinal))
            .Sum(file => file.Value);
        Assert.InRange(100.0 * shared / lines.Values.Sum(), 1, MaxSharedPercent);
    }

    private static List<string> Sources(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "Migrations")),
    ];

    private static string Crowded(IEnumerable<string> files) => string.Join('\n', files
        .GroupBy(file => Path.GetDirectoryName(file)!)
        .Where(folder => folder.Count() > MaxFiles)
        .Select(folder => $"{folder.Key}: {folder.Count()}")
        .Order(StringComparer.Ordinal));
}
