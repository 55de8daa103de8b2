namespace Idoven.Cli.Tests.Recordings;

/// <summary>Finds the folder of real recordings. Without it, the tests that need it are skipped, or fail in CI.</summary>
internal static class RealEcgs
{
    private const string Variable = "IDOVEN_ECG_DATA";

    /// <summary>Returns the path of a file in the folder.</summary>
    public static string Path(string relative)
    {
        var folder = Environment.GetEnvironmentVariable(Variable) ?? DefaultFolder();
        if (!Directory.Exists(folder))
        {
            const string missing = $"No real ECGs: {Variable} and ../shared/data/ecg beside the checkout are not folders.";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null, missing);
            Assert.Fail(missing);
        }

        return System.IO.Path.Combine(folder, relative);
    }

    private static string? DefaultFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Idoven.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.Parent is { } parent ? System.IO.Path.Combine(parent.FullName, "shared/data/ecg") : null;
    }
}
