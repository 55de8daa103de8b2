namespace Idoven.Ecgs.Tests;

/// <summary>Files of the repository that tests read.</summary>
internal static class Repository
{
    /// <summary>Gets the folder of the solution, above the folder of this program.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Idoven.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No Idoven.sln above the tests.");
        }

        return folder.FullName;
    }
}
