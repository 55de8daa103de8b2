using Idoven.Host.Tests.Parts;

namespace Idoven.Drills.Running;

/// <summary>Makes other builds of the host, in temporary folders that are removed at the end.</summary>
internal static class Builds
{
    private static readonly List<string> Folders = [];

    private static readonly Dictionary<string, string> Environment = new()
    {
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["UseSharedCompilation"] = "false",
        ["DOTNET_NOLOGO"] = "1",

        // Git must not treat the folder as part of a repository, even if it is below one.
        ["GIT_CEILING_DIRECTORIES"] = Path.GetTempPath(),
    };

    /// <summary>Copies the sources of a commit, or of the working tree if no commit is given.</summary>
    /// <returns>The path of the folder.</returns>
    public static async Task<string> CopySources(string? commit, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("idoven-build-").FullName;
        Folders.Add(folder);
        var archive = commit is null
            ? "git ls-files -z --cached --others --exclude-standard -- src docs/problems '*.props' global.json .editorconfig" +
                " | tar --null -T - --ignore-failed-read -c"
            : $"git archive {commit}";
        await Processes.Run("bash", ["-c", $"set -o pipefail; {archive} | tar -x -C '{folder}'"], Repository.Root, ct: ct);
        return folder;
    }

    /// <summary>Builds the host without analyzers, because the normal build has run them.</summary>
    /// <returns>The path of the folder with Idoven.Host.dll.</returns>
    public static async Task<string> BuildHost(string sources, CancellationToken ct)
    {
        await Processes.Run("dotnet", ["build", "src/Host", "-c", "Release", "-v", "q", "-p:RunAnalyzers=false"], sources, Environment, ct);
        return Path.Combine(sources, "src", "Host", "bin", "Release", "net10.0");
    }

    /// <exception cref="InvalidOperationException">The patch does not apply.</exception>
    public static Task Apply(string sources, string patch, bool reverse, CancellationToken ct) =>
        Processes.Run("git", ["apply", .. reverse ? (string[])["--reverse"] : [], patch], sources, Environment, ct);

    public static void RemoveAll()
    {
        foreach (var folder in Folders)
        {
            Directory.Delete(folder, recursive: true);
        }

        Folders.Clear();
    }
}
