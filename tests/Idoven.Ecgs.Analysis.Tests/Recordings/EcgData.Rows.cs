namespace Idoven.Ecgs.Analysis.Tests.Recordings;

internal static partial class EcgData
{
    /// <summary>Rows made from the data; one skipped row where there are none.</summary>
    public static IReadOnlyList<ITheoryDataRow> Rows<T>(Func<IEnumerable<T>> read, T placeholder) => Missing is null
        ? [.. read().Select(row => new TheoryDataRow<T>(row))]
        : [new TheoryDataRow<T>(placeholder) { Skip = Missing }];
}
