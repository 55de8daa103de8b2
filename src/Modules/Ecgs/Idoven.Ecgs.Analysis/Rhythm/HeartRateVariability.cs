namespace Idoven.Ecgs.Analysis.Rhythm;

/// <summary>
/// Represents heart rate variability in the time domain (Task Force of the ESC and NASPE, 1996: Heart rate variability, Circulation
/// 93:1043) from normal-to-normal (NN) intervals. Standard deviations use n - 1; differences are between successive intervals.
/// </summary>
/// <param name="NnCount">Number of NN intervals.</param>
/// <param name="MeanNnMs">Their mean in ms.</param>
/// <param name="MedianNnMs">Their median in ms.</param>
/// <param name="SdnnMs">Their standard deviation in ms.</param>
/// <param name="RmssdMs">Root mean square of successive differences in ms.</param>
/// <param name="SdsdMs">Standard deviation of successive differences in ms.</param>
/// <param name="Nn50">Number of successive differences above 50 ms.</param>
/// <param name="Pnn50Percent">Their share of all successive differences in percent.</param>
/// <param name="Nn20">Number of successive differences above 20 ms.</param>
/// <param name="Pnn20Percent">Their share of all successive differences in percent.</param>
/// <param name="TriangularIndex">Number of NN intervals by the number in the fullest bin of 1/128 s.</param>
/// <param name="SdannMs">Standard deviation of the means of 5-minute segments in ms; null with fewer than two whole segments.</param>
/// <param name="SdnnIndexMs">Mean of the standard deviations of 5-minute segments in ms; null without a whole segment.</param>
/// <param name="Sd1Ms">Width of the Poincare plot in ms: SDSD / sqrt 2.</param>
/// <param name="Sd2Ms">Length of the Poincare plot in ms: sqrt(2 SDNN^2 - SDSD^2 / 2).</param>
public sealed record HeartRateVariability(
    int NnCount, double MeanNnMs, double MedianNnMs, double SdnnMs, double RmssdMs, double SdsdMs,
    int Nn50, double Pnn50Percent, int Nn20, double Pnn20Percent, double TriangularIndex, double? SdannMs, double? SdnnIndexMs,
    double Sd1Ms, double Sd2Ms)
{
    private const double SegmentMs = 300_000;
    private const double BinMs = 1000.0 / 128;

    /// <summary>Computes heart rate variability.</summary>
    /// <param name="intervals">NN intervals in order of time.</param>
    /// <returns>Null with fewer than two successive differences.</returns>
    public static HeartRateVariability? Compute(IReadOnlyList<RrInterval> intervals)
    {
        var differences = Enumerable.Range(1, Math.Max(0, intervals.Count - 1))
            .Where(i => intervals[i].FollowsOn)
            .Select(i => intervals[i].Ms - intervals[i - 1].Ms)
            .ToArray();
        if (differences.Length < 2)
        {
            return null;
        }

        var nn = intervals.Select(interval => interval.Ms).ToArray();
        var (mean, deviation) = Spread(nn);
        var (_, sdsd) = Spread(differences);
        var sorted = nn.Order().ToArray();
        var nn50 = differences.Count(difference => Math.Abs(difference) > 50);
        var nn20 = differences.Count(difference => Math.Abs(difference) > 20);
        var fullest = nn.GroupBy(ms => (long)Math.Floor(ms / BinMs)).Max(bin => bin.Count());

        // Whole segments only: the last one starts five minutes or more before the end.
        var end = intervals[^1].StartMs + intervals[^1].Ms;
        var segments = intervals.GroupBy(interval => (int)(interval.StartMs / SegmentMs))
            .Where(segment => (segment.Key + 1) * SegmentMs <= end && segment.Count() > 1)
            .Select(segment => Spread([.. segment.Select(interval => interval.Ms)]))
            .ToArray();
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
