namespace Idoven.Host.Tests.Parts;

internal static class Repository
{
    /// <summary>Gets the folder of the solution, above the folder of the test assembly.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Idoven.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No Idoven.sln above the tests.");
        }

        return folder.FullName;
    }
}
