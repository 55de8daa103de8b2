using System.Text.RegularExpressions;

namespace Idoven.Architecture.Tests;

/// <summary>The source code of the shared projects names no module, so that a new module needs no change there.</summary>
public sealed partial class ModuleNameTests
{
    [Fact]
    public void Shared_source_code_names_no_module()
    {
        var folder = Path.Combine(ProjectReferences.Root(), "src", "Shared");
        var files = SourceFiles(folder).ToList();
        Assert.True(files.Count > 80, "the source files were not found");

        Assert.Empty(files.SelectMany(file => Offences(Path.GetRelativePath(folder, file), File.ReadLines(file))));
    }

    [Fact]
    public void Names_in_code_comments_and_strings_are_reported()
    {
        var planted = Path.Combine(ProjectReferences.Root(), "tests", "Idoven.Architecture.Tests", "Offenders", "ModuleNames.cs");

        Assert.Equal(
            ["ModuleNames.cs(3): Ecgs", "ModuleNames.cs(6): Users", "ModuleNames.cs(8): Identity"],
            Offences("ModuleNames.cs", File.ReadLines(planted)));
    }

    private static IEnumerable<string> Offences(string name, IEnumerable<string> lines) =>
        lines.SelectMany((line, i) => ModuleName().Matches(line).Select(match => $"{name}({i + 1}): {match.Value}"));

    private static IEnumerable<string> SourceFiles(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    [GeneratedRegex(@"\b(Ecgs|Users|Identity)\b")]
    private static partial Regex ModuleName();
}
