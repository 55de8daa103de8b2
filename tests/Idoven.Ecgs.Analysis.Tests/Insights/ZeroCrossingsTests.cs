using System.Globalization;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

public sealed class ZeroCrossingsTests
{
    public static IReadOnlyList<ITheoryDataRow> MitBih => EcgData.Rows(ReadExpected, new Expected("", "", 0, 0, 0, 0, 0, 0));

    [Theory, MemberData(nameof(MitBih))]
    public void Real_leads_have_the_expected_baseline_crossings(Expected expected)
    {
        var record = EcgRecordings.MitBihRecord(expected.Record);
        var samples = record.Leads.Single(lead => lead.Name == expected.Lead).Samples;
        var crossings = Compute(samples, new RecordingInfo(record.SamplingFrequency, expected.Offset));

        var about = crossings.AboutBaseline!;
        Assert.Equal(expected.Samples, samples.Length);
        Assert.Equal(
            (expected.Total, expected.Rising, expected.Falling, expected.ZeroSamples),
            (about.Total, about.Rising, about.Falling, about.ZeroSamples));
        Assert.Equal(expected.Total / (expected.Samples / 360.0), about.RatePerSecond!.Value, 9);

        // Raw ADC values are above zero, which is why crossings of the baseline are counted.
        Assert.Equal(0, crossings.Total);
    }

    [Fact]
    public void The_baseline_is_the_adc_zero_if_the_upload_has_it()
    {
        var about = Compute([9, 11, 9, 10, 9], new RecordingInfo(AdcZero: 10)).AboutBaseline;
        Assert.Equal(
            new BaselineCrossings(10, "adcZero", Total: 2, Rising: 1, Falling: 1, Touches: 1, ZeroSamples: 1, RatePerSecond: null), about);
    }

    [Fact]
    public void The_baseline_is_the_lower_median_without_an_adc_zero()
    {
        var about = Compute([7, 3, 8, 4], new RecordingInfo()).AboutBaseline;
        Assert.Equal(
            new BaselineCrossings(4, "median", Total: 2, Rising: 1, Falling: 1, Touches: 0, ZeroSamples: 1, RatePerSecond: null), about);
    }

    [Fact]
    public void An_adc_zero_of_zero_is_used_as_the_baseline()
    {
        var crossings = Compute([-1, 1, 0, 1], new RecordingInfo(SamplingFrequency: 2, AdcZero: 0));
        Assert.Equal(
            new ZeroCrossings(1, 1, 0, 1, 1, RatePerSecond: 0.5, new BaselineCrossings(0, "adcZero", 1, 1, 0, 1, 1, RatePerSecond: 0.5)),
            crossings);
    }

    private static ZeroCrossings Compute(int[] samples, RecordingInfo recording) =>
        (ZeroCrossings)new ZeroCrossingsInsight().Compute(new LeadSignal("I", samples, recording));

    private static IEnumerable<Expected> ReadExpected()
    {
        foreach (var line in File.ReadLines(EcgData.PathOf("zero-crossings", "mitdb-expected.csv")).Skip(1))
        {
            var cells = line.Split(',');
            var numbers = cells.Skip(2).Select(cell => int.Parse(cell, CultureInfo.InvariantCulture)).ToList();
            yield return new Expected(cells[0], cells[1], numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
        }
    }

    public sealed record Expected(
        string Record, string Lead, int Samples, int Offset, long Total, long Rising, long Falling, long ZeroSamples);
}
