namespace Idoven.Cli.Tests.Recordings;

/// <summary>The folder of real recordings. If it is missing, the tests that need it are skipped with the reason; in CI they fail.</summary>
internal static class RealEcgs
{
    private const string Variable = "IDOVEN_ECG_DATA";

    public static string Path(string relative)
    {
        var folder = Environment.GetEnvironmentVariable(Variable) ?? BesideTheCheckout();
        if (folder is null || !Directory.Exists(folder))
        {
            const string missing = $"There are no recordings: neither {Variable} nor ../shared/data/ecg beside the checkout is a folder.";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null or "", missing);
            Assert.Fail(missing);
        }

        return System.IO.Path.Combine(folder, relative);
    }

    private static string? BesideTheCheckout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Idoven.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.Parent is { } parent ? System.IO.Path.Combine(parent.FullName, "shared/data/ecg") : null;
    }
}
