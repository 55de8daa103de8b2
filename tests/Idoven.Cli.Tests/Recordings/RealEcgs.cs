namespace Idoven.Cli.Tests.Recordings;

/// <summary>The folder of real recordings; where it is absent, the tests that need it are skipped and say so.</summary>
internal static class RealEcgs
{
    private const string Variable = "IDOVEN_ECG_DATA";

    public static string Path(string relative)
    {
        var folder = Environment.GetEnvironmentVariable(Variable) ?? BesideTheCheckout();
        Assert.SkipUnless(folder is not null && Directory.Exists(folder), $"no real ECGs: neither {Variable} nor ../shared/data/ecg beside the checkout is a folder");
        return System.IO.Path.Combine(folder!, relative);
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
