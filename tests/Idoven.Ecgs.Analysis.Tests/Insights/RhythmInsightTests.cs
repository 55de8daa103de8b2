using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Morphology;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

/// <summary>Tests on both sides of each limit in docs/insights.md, with beats at known times.</summary>
public sealed class RhythmInsightTests
{
    [Theory]
    [InlineData(1200, new string[0])]
    [InlineData(1201, new[] { "possibleBradycardia" })]
    [InlineData(600, new string[0])]
    [InlineData(599, new[] { "possibleTachycardia" })]
    public void A_rate_below_50_bpm_is_bradycardia_and_above_100_bpm_tachycardia(double rrMs, string[] flags) =>
        Assert.Equal(flags, Rhythm(Enumerable.Repeat(rrMs, 12)).Flags);

    [Theory]
    [InlineData(1999, 0, 0)]
    [InlineData(2000, 1, 0)]
    [InlineData(2999, 1, 0)]
    [InlineData(3000, 1, 1)]
    public void A_pause_is_2_s_and_a_long_pause_3_s_or_more(double rrMs, int pauses, int longPauses)
    {
        var rhythm = Rhythm([1000, 1000, 1000, rrMs, 1000, 1000]);

        Assert.Equal((pauses, longPauses), (rhythm.Pauses.Count, rhythm.Pauses.Of3SecondsAndMore));
        Assert.Equal(pauses == 0 ? [] : [new Pause(3, rrMs)], rhythm.Pauses.Longest);
        Assert.Equal(pauses == 0 ? [] : ["possiblePauses"], rhythm.Flags);
    }

    [Theory]
    [InlineData(1150, new[] { "possibleIrregularRhythm" })]
    [InlineData(1149, new string[0])]
    public void A_difference_of_successive_intervals_of_15_percent_is_irregular(double rrMs, string[] flags) =>
        Assert.Equal(flags, Rhythm([1000, rrMs, 1000, rrMs, 1000, rrMs, 1000]).Flags);

    [Fact]
    public void Lowest_and_highest_rate_need_10_s_of_beats()
    {
        Assert.Equal((null, null), Extremes(Enumerable.Repeat(1000.0, 9)));
        Assert.Equal((60, 60), Extremes(Enumerable.Repeat(1000.0, 10)));
        Assert.Equal((60, 120), Extremes([.. Enumerable.Repeat(1000.0, 10), .. Enumerable.Repeat(500.0, 20)]));

        static (double?, double?) Extremes(IEnumerable<double> rrMs)
        {
            var rate = Rhythm(rrMs).HeartRate;
            return (rate.Minimum10sBpm, rate.Maximum10sBpm);
        }
    }

    /// <summary>Computes the rhythm of beats with these intervals on one lead at 1,000 Hz.</summary>
    private static RhythmSummary Rhythm(IEnumerable<double> rrMs)
    {
        var times = rrMs.Aggregate(new List<double> { 0 }, (times, interval) => [.. times, times[^1] + interval]);
        Beat[] beats = [.. times.Select(time => new Beat(time, 10))];
        var lead = new LeadAnalysis(new DetectedBeats(beats, beats, gaps: [], flutter: []), new BeatMorphology[beats.Length], windows: []);
        var recording = new RecordingBeats(new RecordingInfo(1000), [lead]);
        return new RhythmInsight().Compute(recording, TestContext.Current.CancellationToken);
    }
}
