namespace Idoven.Ecgs.Analysis.Rhythm;

/// <summary>
/// Heart rate variability in the time domain (Task Force of the ESC and NASPE, 1996: Heart rate variability, Circulation 93:1043), from
/// normal-to-normal intervals. Standard deviations are with n - 1; differences are taken between intervals that follow on each other.
/// </summary>
/// <param name="NnCount">How many NN intervals.</param>
/// <param name="MeanNnMs">Their mean.</param>
/// <param name="MedianNnMs">Their median.</param>
/// <param name="SdnnMs">Their standard deviation.</param>
/// <param name="RmssdMs">Root of the mean square of successive differences.</param>
/// <param name="SdsdMs">Standard deviation of successive differences.</param>
/// <param name="Nn50">How many successive differences exceed 50 ms.</param>
/// <param name="Pnn50Percent">Their share of all successive differences.</param>
/// <param name="Nn20">How many exceed 20 ms.</param>
/// <param name="Pnn20Percent">Their share.</param>
/// <param name="TriangularIndex">NN intervals by those in the fullest bin of 1/128 s.</param>
/// <param name="SdannMs">Standard deviation of the means of 5-minute segments; null with fewer than two whole segments.</param>
/// <param name="SdnnIndexMs">Mean of the standard deviations of 5-minute segments; null without a whole segment.</param>
/// <param name="Sd1Ms">Width of the Poincare plot: SDSD / sqrt 2.</param>
/// <param name="Sd2Ms">Its length: sqrt(2 SDNN^2 - SDSD^2 / 2).</param>
public sealed record HeartRateVariability(
    int NnCount, double MeanNnMs, double MedianNnMs, double SdnnMs, double RmssdMs, double SdsdMs, int Nn50, double Pnn50Percent, int Nn20, double Pnn20Percent,
    double TriangularIndex, double? SdannMs, double? SdnnIndexMs, double Sd1Ms, double Sd2Ms)
{
    private const double SegmentMs = 300_000;
    private const double BinMs = 1000.0 / 128;

    /// <summary>Computes it.</summary>
    /// <param name="intervals">NN intervals in order of time.</param>
    /// <returns>Null with fewer than two successive differences.</returns>
    public static HeartRateVariability? Of(IReadOnlyList<RrInterval> intervals)
    {
        var differences = Enumerable.Range(1, Math.Max(0, intervals.Count - 1)).Where(i => intervals[i].FollowsOn).Select(i => intervals[i].Ms - intervals[i - 1].Ms).ToArray();
        if (differences.Length < 2)
        {
            return null;
        }

        var nn = intervals.Select(interval => interval.Ms).ToArray();
        var (mean, deviation) = Spread(nn);
        var (_, sdsd) = Spread(differences);
        var sorted = nn.Order().ToArray();
        var (nn50, nn20) = (differences.Count(difference => Math.Abs(difference) > 50), differences.Count(difference => Math.Abs(difference) > 20));
        var fullest = nn.GroupBy(ms => (long)Math.Floor(ms / BinMs)).Max(bin => bin.Count());

        // Whole segments only: the last one begins five minutes before the end or earlier.
        var end = intervals[^1].StartMs + intervals[^1].Ms;
        var segments = intervals.GroupBy(interval => (int)(interval.StartMs / SegmentMs))
            .Where(segment => (segment.Key + 1) * SegmentMs <= end && segment.Count() > 1).Select(segment => Spread([.. segment.Select(interval => interval.Ms)])).ToArray();
        return new HeartRateVariability(
            nn.Length, mean, (sorted[(nn.Length - 1) / 2] + sorted[nn.Length / 2]) / 2, deviation,
            Math.Sqrt(differences.Sum(difference => difference * difference) / differences.Length), sdsd,
            nn50, 100.0 * nn50 / differences.Length, nn20, 100.0 * nn20 / differences.Length, (double)nn.Length / fullest,
            segments.Length < 2 ? null : Spread([.. segments.Select(segment => segment.Mean)]).Deviation,
            segments.Length == 0 ? null : segments.Average(segment => segment.Deviation),
            sdsd / Math.Sqrt(2), Math.Sqrt(Math.Max(0, (2 * deviation * deviation) - (sdsd * sdsd / 2))));
    }

    private static (double Mean, double Deviation) Spread(double[] values)
    {
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)));
    }
}
