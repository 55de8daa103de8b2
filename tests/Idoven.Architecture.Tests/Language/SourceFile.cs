namespace Idoven.Architecture.Tests.Language;

/// <summary>Represents a text file that people write: code, documentation, scripts and configuration.</summary>
/// <param name="Path">Relative to the repository, with slashes.</param>
/// <param name="Lines">The content.</param>
internal sealed record SourceFile(string Path, IReadOnlyList<string> Lines)
{
    private static readonly HashSet<string> Extensions =
    [
        ".cs", ".md", ".sh", ".yaml", ".yml", ".http", ".html", ".js", ".ts", ".py", ".conf", ".csproj", ".props", ".editorconfig", ".resx",
    ];

    private static readonly HashSet<string> FilesWithoutExtension =
        ["idoven", "run", "nightly", "sbom", "up", "host-tests", "Dockerfile"];

    /// <summary>Build output, installed packages, and text that is generated or frozen: migrations and golden messages.</summary>
    private static readonly HashSet<string> SkippedFolders =
    [
        "bin", "obj", "node_modules", "TestResults", "BenchmarkDotNet.Artifacts", "generated", "Migrations", "golden",
        ".git", ".idoven", ".vs",
    ];

    /// <summary>Gets the extension with its dot, in lower case; empty for a script without one.</summary>
    public string Extension => System.IO.Path.GetExtension(Path).ToLowerInvariant();

    /// <summary>Reads all source files of the repository.</summary>
    public static IReadOnlyList<SourceFile> ReadAll()
    {
        var root = ProjectReferences.Root();
        return [.. Walk(new DirectoryInfo(root))
            .Select(file => new SourceFile(Relative(root, file), File.ReadAllLines(file.FullName)))
            .OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    /// <summary>Returns whether the file is this path or is in this folder.</summary>
    public bool IsIn(string path) => Path == path || Path.StartsWith(path + "/", StringComparison.Ordinal);

    private static string Relative(string root, FileInfo file) => System.IO.Path.GetRelativePath(root, file.FullName).Replace('\\', '/');

    private static IEnumerable<FileInfo> Walk(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles())
        {
            if (file.LinkTarget is null && (Extensions.Contains(file.Extension) || FilesWithoutExtension.Contains(file.Name)))
            {
                yield return file;
            }
        }

        foreach (var sub in folder.EnumerateDirectories().Where(sub => sub.LinkTarget is null && !SkippedFolders.Contains(sub.Name)))
        {
            foreach (var file in Walk(sub))
            {
                yield return file;
            }
        }
    }
}
