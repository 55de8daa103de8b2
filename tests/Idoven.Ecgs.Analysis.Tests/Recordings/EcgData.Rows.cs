namespace Idoven.Ecgs.Analysis.Tests.Recordings;

internal static partial class EcgData
{
    private static bool MustExist => Environment.GetEnvironmentVariable("CI") is not (null or "");

    /// <summary>Skips the test if the data are missing; in CI it fails instead.</summary>
    public static void SkipIfMissing()
    {
        if (Missing is not null)
        {
            Assert.SkipWhen(!MustExist, Missing);
            Assert.Fail(Missing);
        }
    }

    /// <summary>Creates rows from the data. If the data are missing, one skipped row.</summary>
    /// <exception cref="InvalidOperationException">The data are missing in CI.</exception>
    public static IReadOnlyList<ITheoryDataRow> Rows<T>(Func<IEnumerable<T>> read, T placeholder) => Missing switch
    {
        null => [.. read().Select(row => new TheoryDataRow<T>(row))],
        _ when MustExist => throw new InvalidOperationException(Missing),
        _ => [new TheoryDataRow<T>(placeholder) { Skip = Missing }],
    };
}
