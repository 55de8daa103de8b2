namespace Idoven.Ecgs.Analysis.Beats;

internal static class Ranks
{
    /// <summary>The lower median; NaN of nothing. Sorts the values.</summary>
    public static double LowerMedian(Span<double> values)
    {
        values.Sort();
        return values.Length == 0 ? double.NaN : values[(values.Length - 1) / 2];
    }
}
