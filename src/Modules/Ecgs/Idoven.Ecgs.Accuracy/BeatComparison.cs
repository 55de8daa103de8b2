namespace Idoven.Ecgs.Accuracy;

/// <summary>Represents the comparison of detected with reference beats.</summary>
/// <param name="Matched">Number of reference beats with a detected beat (TP).</param>
/// <param name="Missed">Number of reference beats without a detected beat (FN).</param>
/// <param name="Extra">Number of detected beats without a reference beat (FP).</param>
/// <param name="Errors">Detected minus reference position of each pair in samples, in order of time.</param>
public sealed record BeatComparison(int Matched, int Missed, int Extra, IReadOnlyList<double> Errors)
{
    /// <summary>Gets the matched share of the reference beats (Se); NaN without reference beats.</summary>
    public double Sensitivity => (double)Matched / (Matched + Missed);

    /// <summary>Gets the matched share of the detected beats (+P); NaN without detected beats.</summary>
    public double PositivePredictivity => (double)Matched / (Matched + Extra);

    /// <summary>Gets the harmonic mean of sensitivity and positive predictivity.</summary>
    public double F1 => 2.0 * Matched / ((2 * Matched) + Missed + Extra);

    /// <summary>Gets the mean of <see cref="Errors"/> in samples; positive if the marks are late.</summary>
    public double Bias => Errors.Count == 0 ? double.NaN : Errors.Average();

    /// <summary>Gets the median absolute deviation of <see cref="Errors"/> from their median in samples: the jitter of the marks.</summary>
    public double MedianAbsoluteDeviation
    {
        get
        {
            var centre = Median(Errors);
            return Median(Errors.Select(error => Math.Abs(error - centre)));
        }
    }

    /// <summary>Returns the sum over records: the gross result.</summary>
    public static BeatComparison Sum(IEnumerable<BeatComparison> records)
    {
        var all = records.ToList();
        return new BeatComparison(
            all.Sum(record => record.Matched), all.Sum(record => record.Missed), all.Sum(record => record.Extra),
            [.. all.SelectMany(record => record.Errors)]);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
