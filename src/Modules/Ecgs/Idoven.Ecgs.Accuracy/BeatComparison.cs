namespace Idoven.Ecgs.Accuracy;

/// <summary>How detected beats compare with reference beats.</summary>
/// <param name="Matched">Reference beats with a detected beat of their own (TP).</param>
/// <param name="Missed">Reference beats without one (FN).</param>
/// <param name="Extra">Detected beats without a reference beat (FP).</param>
/// <param name="Errors">Detected minus reference position of every matched pair, in samples, in order of time.</param>
public sealed record BeatComparison(int Matched, int Missed, int Extra, IReadOnlyList<double> Errors)
{
    /// <summary>Matched share of the reference beats (Se); NaN without reference beats.</summary>
    public double Sensitivity => (double)Matched / (Matched + Missed);

    /// <summary>Matched share of the detected beats (+P); NaN without detected beats.</summary>
    public double PositivePredictivity => (double)Matched / (Matched + Extra);

    /// <summary>Harmonic mean of the two.</summary>
    public double F1 => 2.0 * Matched / ((2 * Matched) + Missed + Extra);

    /// <summary>Mean of <see cref="Errors"/>, in samples: positive where the detector marks late.</summary>
    public double Bias => Errors.Count == 0 ? double.NaN : Errors.Average();

    /// <summary>Median of the absolute deviations of <see cref="Errors"/> from their median, in samples: the jitter of the marks.</summary>
    public double MedianAbsoluteDeviation
    {
        get
        {
            var centre = Median(Errors);
            return Median(Errors.Select(error => Math.Abs(error - centre)));
        }
    }

    /// <summary>The sum over records: the gross result.</summary>
    public static BeatComparison Sum(IEnumerable<BeatComparison> records)
    {
        var all = records.ToList();
        return new BeatComparison(
            all.Sum(record => record.Matched), all.Sum(record => record.Missed), all.Sum(record => record.Extra), [.. all.SelectMany(record => record.Errors)]);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
