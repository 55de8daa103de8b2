namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>
/// Counts of sign changes (definition zc-strict-1): samples equal to zero are ignored, and a crossing is a pair of consecutive
/// remaining samples of opposite sign. It equals Descartes' count of sign variations, so it is the same for the negated and for the
/// reversed signal.
/// </summary>
/// <param name="Total"><see cref="Rising"/> + <see cref="Falling"/>.</param>
/// <param name="Rising">Crossings from negative to positive.</param>
/// <param name="Falling">Crossings from positive to negative.</param>
/// <param name="Touches">Maximal runs of zeros between two samples of the same sign.</param>
/// <param name="ZeroSamples">Samples equal to zero, wherever they stand.</param>
/// <param name="RatePerSecond">Crossings a second; null without a sampling frequency.</param>
/// <param name="AboutBaseline">The same about the baseline; null within itself.</param>
public sealed record ZeroCrossings(
    long Total, long Rising, long Falling, long Touches, long ZeroSamples, double? RatePerSecond, BaselineCrossings? AboutBaseline);

/// <summary>Crossings of the level <see cref="Offset"/>: raw ADC values may never cross zero itself.</summary>
/// <param name="Offset">The level, in sample values.</param>
/// <param name="OffsetSource"><c>adcZero</c> where the upload gave it, else <c>median</c> (the lower median of the lead).</param>
/// <param name="Total"><see cref="Rising"/> + <see cref="Falling"/>.</param>
/// <param name="Rising">Crossings from below to above.</param>
/// <param name="Falling">Crossings from above to below.</param>
/// <param name="Touches">Maximal runs at the level between two samples on the same side.</param>
/// <param name="ZeroSamples">Samples at the level.</param>
/// <param name="RatePerSecond">Crossings a second; null without a sampling frequency.</param>
public sealed record BaselineCrossings(
    int Offset, string OffsetSource, long Total, long Rising, long Falling, long Touches, long ZeroSamples, double? RatePerSecond);

/// <summary>Zero crossings of the signal as sent, and about its baseline.</summary>
public sealed class ZeroCrossingsInsight : ILeadInsight
{
    /// <inheritdoc/>
    public string Name => "zeroCrossings";

    /// <inheritdoc/>
    public object Compute(LeadSignal lead, CancellationToken ct = default)
    {
        var (offset, source) = lead.Recording.AdcZero is { } adcZero ? (adcZero, "adcZero") : (lead.Order.Median, "median");
        var asSent = Count(lead, level: 0, ct);
        var about = offset == 0 ? asSent : Count(lead, offset, ct);
        return new ZeroCrossings(
            asSent.Total, asSent.Rising, asSent.Falling, asSent.Touches, asSent.LevelSamples, Rate(asSent, lead),
            new BaselineCrossings(offset, source, about.Total, about.Rising, about.Falling, about.Touches, about.LevelSamples, Rate(about, lead)));
    }

    private static ZeroCrossingCounter Count(LeadSignal lead, int level, CancellationToken ct)
    {
        var counter = new ZeroCrossingCounter(level);
        foreach (var part in lead.Parts(ct))
        {
            counter.Add(part.Span);
        }

        return counter;
    }

    private static double? Rate(ZeroCrossingCounter counter, LeadSignal lead) =>
        lead.Recording.SamplingFrequency is { } frequency ? counter.Total * frequency / lead.Samples.Length : null;
}
