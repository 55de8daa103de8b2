using System.Globalization;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>
/// Represents counts of sign changes (definition zc-strict-1). Samples equal to zero are ignored; a crossing is a pair of consecutive
/// remaining samples of opposite sign. The total is Descartes' number of sign variations, so it is the same for the negated and for the
/// reversed signal.
/// </summary>
/// <param name="Total"><see cref="Rising"/> + <see cref="Falling"/>.</param>
/// <param name="Rising">Number of crossings from negative to positive.</param>
/// <param name="Falling">Number of crossings from positive to negative.</param>
/// <param name="Touches">Number of maximal runs of zeros between two samples of the same sign.</param>
/// <param name="ZeroSamples">Number of samples equal to zero.</param>
/// <param name="RatePerSecond">Crossings per second; null without a sampling frequency.</param>
/// <param name="AboutBaseline">The crossings of the baseline.</param>
public sealed record ZeroCrossings(
    long Total, long Rising, long Falling, long Touches, long ZeroSamples, double? RatePerSecond, BaselineCrossings? AboutBaseline);

/// <summary>Represents crossings of the level <see cref="Offset"/>, since raw ADC values may never cross zero.</summary>
/// <param name="Offset">The level, in sample values.</param>
/// <param name="OffsetSource"><c>adcZero</c> if the upload has it, else <c>median</c> (the lower median of the lead).</param>
/// <param name="Total"><see cref="Rising"/> + <see cref="Falling"/>.</param>
/// <param name="Rising">Number of crossings from below to above.</param>
/// <param name="Falling">Number of crossings from above to below.</param>
/// <param name="Touches">Number of maximal runs at the level between two samples on the same side.</param>
/// <param name="ZeroSamples">Number of samples at the level.</param>
/// <param name="RatePerSecond">Crossings per second; null without a sampling frequency.</param>
public sealed record BaselineCrossings(
    int Offset, string OffsetSource, long Total, long Rising, long Falling, long Touches, long ZeroSamples, double? RatePerSecond);

/// <summary>Counts zero crossings of the signal as sent, and crossings of its baseline.</summary>
public sealed class ZeroCrossingsInsight : ILeadInsight<ZeroCrossings>
{
    /// <inheritdoc/>
    public string Name => "zeroCrossings";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions { get; } = ["zc-strict-1"];

    /// <inheritdoc/>
    public ZeroCrossings Example { get; } =
        new(0, 0, 0, 0, 0, RatePerSecond: 0, new BaselineCrossings(1024, "adcZero", 4574, 2287, 2287, 1, 99, RatePerSecond: 2.53));

    /// <inheritdoc/>
    public IReadOnlyList<InsightColumn> Columns { get; } =
    [
        InsightColumn.Integer<ZeroCrossings>("as sent", crossings => crossings.Total),
        InsightColumn.Text<ZeroCrossings>("baseline", crossings => crossings.AboutBaseline is { } about
            ? string.Create(CultureInfo.InvariantCulture, $"{about.OffsetSource} {about.Offset}")
            : null),
        InsightColumn.Integer<ZeroCrossings>("about it", crossings => crossings.AboutBaseline?.Total),
        InsightColumn.Integer<ZeroCrossings>("rising", crossings => crossings.AboutBaseline?.Rising),
        InsightColumn.Integer<ZeroCrossings>("falling", crossings => crossings.AboutBaseline?.Falling),
        InsightColumn.Integer<ZeroCrossings>("touches", crossings => crossings.AboutBaseline?.Touches),
    ];

    /// <inheritdoc/>
    public ZeroCrossings Compute(LeadSignal lead, CancellationToken ct = default)
    {
        var (offset, source) = lead.Recording.AdcZero is { } adcZero ? (adcZero, "adcZero") : (lead.Order.Median, "median");
        var asSent = Count(lead, level: 0, ct);
        var about = offset == 0 ? asSent : Count(lead, offset, ct);
        var aboutBaseline = new BaselineCrossings(
            offset, source, about.Total, about.Rising, about.Falling, about.Touches, about.LevelSamples, Rate(about, lead));
        return new ZeroCrossings(
            asSent.Total, asSent.Rising, asSent.Falling, asSent.Touches, asSent.LevelSamples, Rate(asSent, lead), aboutBaseline);
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
