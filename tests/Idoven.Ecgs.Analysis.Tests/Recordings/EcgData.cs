namespace Idoven.Ecgs.Analysis.Tests.Recordings;

/// <summary>
/// Real recordings and expected values: the folder that <c>IDOVEN_ECG_DATA</c> names, else <c>shared/data/ecg</c> beside the checkout.
/// They are not part of the repository: if they are missing, the tests that need them are skipped with the reason; in CI they fail.
/// </summary>
internal static partial class EcgData
{
    private const string Variable = "IDOVEN_ECG_DATA";

    private static readonly string? Folder = Find();

    /// <summary>Gets the reason why nothing can be read; null if the data are there.</summary>
    public static string? Missing { get; } =
        Directory.Exists(Folder) ? null : $"There are no ECG data in {Folder ?? "../shared/data/ecg"}: {Variable} may name their folder.";

    public static string PathOf(params string[] parts) => Path.Combine([Folder!, .. parts]);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return named;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Idoven.sln")))
            {
                return Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data", "ecg"));
            }
        }

        return null;
    }
}
