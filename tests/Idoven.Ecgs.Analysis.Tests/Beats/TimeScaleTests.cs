using Idoven.Ecgs.Accuracy;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Beats;

/// <summary>Detection without a sampling frequency, scored with the real one.</summary>
public sealed class TimeScaleTests(ITestOutputHelper output)
{
    public static TheoryData<string> Records => [.. EcgRecordings.MitBih];

    [Theory, MemberData(nameof(Records))]
    public void Beats_of_the_first_signal_are_detected_without_a_sampling_frequency(string record)
    {
        var comparison = Compare(record, 0);
        output.WriteLine($"{record}: Se {comparison.Sensitivity:P2}, +P {comparison.PositivePredictivity:P2}");
        Assert.True(comparison.Sensitivity > 0.97, $"Se {comparison.Sensitivity:P2}");
        Assert.True(comparison.PositivePredictivity > 0.97, $"+P {comparison.PositivePredictivity:P2}");
    }

    [Fact]
    public void Gross_accuracy_without_a_sampling_frequency_exceeds_99_5_percent()
    {
        var gross = BeatComparison.Sum(EcgRecordings.MitBih.Select(record => Compare(record, 0)));
        output.WriteLine($"Se {gross.Sensitivity:P2}, +P {gross.PositivePredictivity:P2}");
        Assert.InRange(gross.Sensitivity, 0.995, 1);
        Assert.InRange(gross.PositivePredictivity, 0.995, 1);
    }

    [Theory, MemberData(nameof(Records))]
    public void Offset_polarity_and_a_gain_of_a_power_of_two_do_not_change_the_estimate(string record)
    {
        var samples = EcgRecordings.MitBihRecord(record).Leads[1].Samples;
        var expected = TimeScale.Estimate(samples);
        Assert.Equal(expected, TimeScale.Estimate(Array.ConvertAll(samples, sample => -sample - 30_000)));
        Assert.Equal(expected, TimeScale.Estimate(Array.ConvertAll(samples, sample => sample * 16)));
    }

    [Fact]
    public void The_estimate_is_null_without_beats()
    {
        var random = new Random(5);
        Assert.Null(TimeScale.Estimate(new int[20_000]));
        Assert.Null(TimeScale.Estimate(new[] { 1 }));
        Assert.Null(TimeScale.Estimate(Enumerable.Range(0, 20_000).Select(_ => random.Next(-500, 500)).ToArray()));
        Assert.Null(TimeScale.Estimate(Enumerable.Range(0, 20_000).Select(i => (int)(500 * Math.Sin(i / 7.0))).ToArray()));
    }

    private static BeatComparison Compare(string record, int lead)
    {
        var samples = EcgRecordings.MitBihRecord(record).Leads[lead].Samples;
        return Detections.Compare(record, new LeadSignal("", samples, new RecordingInfo()).Analyze()!.Beats);
    }
}
