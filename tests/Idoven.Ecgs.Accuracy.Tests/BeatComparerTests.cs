using FsCheck.Xunit;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Accuracy.Tests;

public sealed class BeatComparerTests
{
    // At 1,000 Hz one sample is 1 ms, so the window is 150 samples.
    private static BeatComparison Compare(double[] reference, double[] detected, double startS = 0, params SampleRange[] excluded) =>
        BeatComparer.Compare(reference, detected, 1000, startS: startS, excluded: excluded);

    private static (int Matched, int Missed, int Extra) Counts(BeatComparison comparison) =>
        (comparison.Matched, comparison.Missed, comparison.Extra);

    [Fact]
    public void Beats_within_150_ms_match_and_others_are_missed_or_extra()
    {
        Assert.Equal((2, 1, 1), Counts(Compare([1000, 2000, 3000], [850, 2150, 3151])));
    }

    [Fact]
    public void A_reference_beat_matches_the_nearest_detected_beat_only()
    {
        var comparison = Compare([1000], [900, 990, 1100]);
        Assert.Equal((1, 0, 2), Counts(comparison));
        Assert.Equal([-10.0], comparison.Errors);
    }

    [Fact]
    public void A_detected_beat_matches_the_nearest_reference_beat_only()
    {
        var comparison = Compare([900, 1000], [980]);
        Assert.Equal((1, 1, 0), Counts(comparison));
        Assert.Equal([-20.0], comparison.Errors);
    }

    [Fact]
    public void Beats_in_an_excluded_range_are_not_scored()
    {
        Assert.Equal((1, 0, 0), Counts(Compare([500, 1500, 2500], [510, 1200, 1700], 0, new SampleRange(1000, 2500))));
    }

    [Fact]
    public void Beats_before_the_start_are_not_scored()
    {
        Assert.Equal((1, 1, 1), Counts(Compare([500, 2100, 3000], [700, 2100, 4000], startS: 2)));
    }

    [Fact]
    public void Sensitivity_predictivity_and_F1_follow_from_the_counts()
    {
        var comparison = new BeatComparison(Matched: 90, Missed: 10, Extra: 30, []);
        Assert.Equal((0.9, 0.75, 180.0 / 220), (comparison.Sensitivity, comparison.PositivePredictivity, comparison.F1));
    }

    [Fact]
    public void Bias_is_the_mean_error_and_jitter_the_deviation_from_the_median_error()
    {
        var comparison = new BeatComparison(5, 0, 0, [1, 2, 3, 4, 40]);
        Assert.Equal((10.0, 1.0), (comparison.Bias, comparison.MedianAbsoluteDeviation));
    }

    [Fact]
    public void Gross_figures_are_sums_over_the_records()
    {
        var gross = BeatComparison.Sum([new(1, 2, 3, [1]), new(10, 20, 30, [2, 3])]);
        Assert.Equal((11, 22, 33), Counts(gross));
        Assert.Equal([1.0, 2, 3], gross.Errors);
    }

    [Property]
    public bool Every_beat_is_counted_once_and_swapping_the_lists_swaps_missed_and_extra(ushort[] reference, ushort[] detected)
    {
        double[] Beats(ushort[] samples) => [.. samples.Distinct().Order().Select(sample => (double)sample)];
        var (first, second) = (Beats(reference), Beats(detected));
        var (one, other) = (Compare(first, second), Compare(second, first));
        return one.Matched + one.Missed == first.Length && one.Matched + one.Extra == second.Length
            && one.Errors.All(error => Math.Abs(error) <= 150) && Counts(one) == (other.Matched, other.Extra, other.Missed);
    }
}
