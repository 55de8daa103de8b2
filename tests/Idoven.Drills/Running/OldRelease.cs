namespace Idoven.Drills.Running;

/// <summary>Builds the first release, once in a run.</summary>
internal static class OldRelease
{
    public const string Commit = "e41309c";

    private static Task<string>? folder;

    public static string? CannotRun()
    {
        try
        {
            var repository = Idoven.Host.Tests.Parts.Repository.Root;
            Processes.Run("git", ["cat-file", "-e", $"{Commit}^{{commit}}"], repository).GetAwaiter().GetResult();
            return null;
        }
        catch (InvalidOperationException)
        {
            return $"commit {Commit} is not in this clone";
        }
    }

    /// <returns>The path of the folder with its Idoven.Host.dll.</returns>
    public static Task<string> Build(CancellationToken ct) => folder ??= BuildOnce(ct);

    private static async Task<string> BuildOnce(CancellationToken ct) => await Builds.BuildHost(await Builds.CopySources(Commit, ct), ct);
}
