using System.Globalization;
using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Rhythm;

public sealed class HeartRateVariabilityTests
{
    public static IReadOnlyList<ITheoryDataRow> Records => EcgData.Rows(ReadExpected, "");

    [Theory, MemberData(nameof(Records))]
    public void Variability_of_reference_beats_has_the_expected_values(string row)
    {
        var columns = row.Split(',');
        var frequency = double.Parse(columns[2], CultureInfo.InvariantCulture);
        var beats = Wfdb.ReadAnnotations(columns[0] switch
        {
            "mitdb" => EcgData.PathOf("mitdb", columns[1] + ".atr"),
            "nsr2db" => EcgData.PathOf("nsr2db", columns[1] + ".ecg"),
            _ => EcgData.PathOf("ltafdb", columns[1] + ".atr"),
        }).Where(annotation => annotation.IsBeat).ToList();
        var hrv = HeartRateVariability.Compute(RrIntervals.Normal(
            [.. beats.Select(beat => (double)beat.Sample)],
            [.. beats.Select(beat => "NLRBej".Contains(beat.Code, StringComparison.Ordinal))],
            frequency))!;

        Assert.Equal(
            $"{columns[3]} {columns[8]} {columns[10]}",
            string.Create(CultureInfo.InvariantCulture, $"{hrv.NnCount} {hrv.Nn50} {hrv.Nn20}"));
        Near(columns[4], hrv.MeanNnMs);
        Near(columns[5], hrv.SdnnMs);
        Near(columns[6], hrv.RmssdMs);
        Near(columns[7], hrv.SdsdMs);
        Near(columns[9], hrv.Pnn50Percent);
        Near(columns[11], hrv.MedianNnMs);
        Near(columns[12], 100 * hrv.SdnnMs / hrv.MeanNnMs);
    }

    [Fact]
    public void Indices_of_five_minute_segments_and_of_the_histogram_follow_their_definitions()
    {
        // Slightly more than ten minutes: 300 intervals of 1 s, then 601 of 0.5 s.
        var hrv = Variability([.. Enumerable.Repeat(1000.0, 300), .. Enumerable.Repeat(500.0, 601)]);
        Assert.Equal(Math.Sqrt(2 * 250.0 * 250.0), hrv.SdannMs!.Value, 9);
        Assert.Equal(0, hrv.SdnnIndexMs!.Value, 9);
        Assert.Equal(901.0 / 601, hrv.TriangularIndex, 9);
        Assert.Equal((1, 1), (hrv.Nn50, hrv.Nn20));
        Assert.Equal(hrv.SdsdMs / Math.Sqrt(2), hrv.Sd1Ms, 9);
        Assert.Equal(2 * hrv.SdnnMs * hrv.SdnnMs, (hrv.Sd1Ms * hrv.Sd1Ms) + (hrv.Sd2Ms * hrv.Sd2Ms), 6);
    }

    [Fact]
    public void Variability_of_too_few_intervals_is_null() =>
        Assert.Null(HeartRateVariability.Compute(RrIntervals.Between([0, 800, 1600], 1000)));

    [Fact]
    public void An_interval_with_a_gap_is_left_out_and_interrupts_the_sequence()
    {
        var intervals = RrIntervals.Between([0, 800, 5000, 5800, 6600], 1000, [new(900, 4900)]);
        Assert.Equal([new RrInterval(0, 800, false), new RrInterval(5000, 800, false), new RrInterval(5800, 800, true)], intervals);
    }

    [Fact]
    public void A_premature_beat_and_its_pause_are_not_normal_intervals()
    {
        double[] lengths = [800, 810, 790, 800, 500, 1100, 800, 790, 810, 800];
        var normal = Plausible(lengths);
        Assert.Equal([800.0, 810, 790, 800, 800, 790, 810, 800], normal.Select(interval => interval.Ms));
        Assert.Equal([false, true, true, true, false, true, true, true], normal.Select(interval => interval.FollowsOn));
    }

    [Theory]
    [InlineData(1040, true)]
    [InlineData(1041, false)]
    [InlineData(560, true)]
    [InlineData(559, false)]
    public void An_interval_is_plausible_up_to_30_percent_from_the_median_of_its_neighbours(double ms, bool isPlausible)
    {
        double[] lengths = [800, 800, 800, 800, 800, ms, 800, 800, 800, 800, 800];

        var normal = Plausible(lengths);

        Assert.Equal(isPlausible, normal.Any(interval => interval.Ms == ms));
    }

    /// <summary>The sixth interval is plausible only with exactly these neighbours.</summary>
    [Fact]
    public void The_median_is_taken_over_five_intervals_before_and_five_after()
    {
        double[] lengths = [1000, 600, 600, 600, 600, 1000, 1000, 1000, 1000, 600, 1000];

        var normal = Plausible(lengths);

        // Of eleven intervals six have 1,000 ms; of the nearest nine only four.
        Assert.Contains(normal, interval => interval.StartMs == 3400);
    }

    [Fact]
    public void An_incomplete_five_minute_segment_is_left_out_of_the_indices()
    {
        double[] twoSegments = [.. Enumerable.Repeat(1000.0, 300), .. Enumerable.Repeat(500.0, 600)];
        var whole = Variability(twoSegments);
        var more = Variability([.. twoSegments, .. Enumerable.Repeat(750.0, 399)]);

        Assert.Equal(whole.SdannMs!.Value, more.SdannMs!.Value, 9);
    }

    private static HeartRateVariability Variability(double[] lengthsMs) => HeartRateVariability.Compute(Intervals(lengthsMs))!;

    private static IReadOnlyList<RrInterval> Plausible(double[] lengthsMs) => RrIntervals.Plausible(Intervals(lengthsMs));

    private static IReadOnlyList<RrInterval> Intervals(double[] lengthsMs) =>
        RrIntervals.Between(lengthsMs.Aggregate(new List<double> { 0 }, (times, length) => [.. times, times[^1] + length]), 1000);

    private static IEnumerable<string> ReadExpected() =>
        File.ReadLines(EcgData.PathOf("hrv", "nn-timedomain-from-reference-annotations.csv")).Skip(1);

    // The file has four decimals.
    private static void Near(string expected, double actual)
    {
        var value = double.Parse(expected, CultureInfo.InvariantCulture);
        Assert.InRange(actual, value - Math.Max(0.000_051, 1e-6 * value), value + Math.Max(0.000_051, 1e-6 * value));
    }
}
