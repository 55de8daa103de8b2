using Idoven.Ecgs.Accuracy;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Beats;

/// <summary>
/// Accuracy by EC57 on the development recordings. The limits are slightly below the measured values, so that a loss of accuracy fails.
/// Every test prints its figures.
/// </summary>
public sealed class DetectionAccuracyTests(ITestOutputHelper output)
{
    /// <summary>Record, and the largest number of missed and extra beats on the first signal, on the second, and fused.</summary>
    public static TheoryData<string, int, int, int, int, int, int> Records => new()
    {
        { "100", 2, 2, 3, 2, 2, 2 },
        { "101", 3, 6, 47, 23, 2, 4 },
        { "104", 3, 12, 23, 52, 3, 4 },
        { "106", 3, 3, 57, 136, 5, 12 },
        { "108", 4, 5, 12, 61, 3, 4 },
        { "109", 2, 2, 3, 5, 2, 2 },
        { "112", 2, 2, 2, 3, 2, 2 },
        { "115", 2, 2, 5, 7, 2, 2 },
        { "116", 17, 5, 2, 4, 2, 3 },
        { "118", 2, 2, 2, 3, 2, 2 },
        { "119", 2, 3, 2, 3, 2, 3 },
        { "203", 16, 32, 58, 206, 21, 15 },
        { "207", 12, 6, 11, 4, 6, 2 },
        { "208", 10, 6, 312, 68, 9, 3 },
    };

    [Theory, MemberData(nameof(Records))]
    public void Errors_of_each_record_stay_within_their_limits(
        string record, int missed, int extra, int missedSecond, int extraSecond, int missedFused, int extraFused)
    {
        var first = Print("first", Detections.Compare(record, Detections.MitBih(record, 0).Beats));
        var second = Print("second", Detections.Compare(record, Detections.MitBih(record, 1).Beats));
        var fused = Print("fused", Detections.Compare(record, Detections.Fused(record)));
        AssertAtMost(missed, extra, first);
        AssertAtMost(missedSecond, extraSecond, second);
        AssertAtMost(missedFused, extraFused, fused);
    }

    [Fact]
    public void Beats_of_the_first_signal_exceed_the_accuracy_of_gqrs()
    {
        var gross = Print("first", Detections.Gross(record => Detections.MitBih(record, 0).Beats));
        AssertAtLeast(0.9970, 0.9965, gross);
        foreach (var record in EcgRecordings.MitBih)
        {
            AssertAtLeast(0.98, 0.97, Detections.Compare(record, Detections.MitBih(record, 0).Beats));
        }
    }

    [Fact]
    public void Beats_of_the_second_signal_exceed_the_accuracy_of_gqrs()
    {
        AssertAtLeast(0.965, 0.985, Print("second", Detections.Gross(record => Detections.MitBih(record, 1).Beats)));
    }

    [Fact]
    public void Fused_beats_are_more_accurate_than_those_of_either_signal()
    {
        AssertAtLeast(0.9985, 0.9985, Print("fused", Detections.Gross(Detections.Fused)));
    }

    [Fact]
    public void Marks_are_within_25_ms_of_the_reference_without_bias()
    {
        var tight = Print("25 ms", Detections.Gross(record => Detections.MitBih(record, 0).Beats, windowMs: 25));
        AssertAtLeast(0.975, 0.975, tight);
        var gross = Detections.Gross(record => Detections.MitBih(record, 0).Beats);
        Assert.InRange(gross.Bias / 0.36, -1, 1);
        Assert.InRange(gross.MedianAbsoluteDeviation, 0, 0.6);
    }

    [Fact]
    public void Accuracy_from_5_minutes_on_is_as_high_as_from_the_start()
    {
        var gross = BeatComparison.Sum(EcgRecordings.MitBih.Select(name =>
            Detections.Compare(EcgRecordings.MitBihRecord(name), Detections.MitBih(name, 0).Beats, startS: 300)));
        AssertAtLeast(0.9970, 0.9965, Print("first, from 5:00", gross));
    }

    [Fact]
    public void At_most_90_of_472_flutter_waves_are_detected_as_beats()
    {
        // The reference has 472 flutter waves in 143 s.
        var recording = EcgRecordings.MitBihRecord("207");
        Assert.Equal(472, recording.Annotations.Count(annotation => annotation.Code == '!'));
        foreach (var beats in new[] { Detections.MitBih("207", 0).Beats, Detections.MitBih("207", 1).Beats })
        {
            var inFlutter = beats.Count(beat => recording.Flutter.Any(range => range.Contains(beat.Sample)));
            output.WriteLine($"{inFlutter} beats in flutter");
            Assert.InRange(inFlutter, 0, 90);
        }
    }

    [Theory]
    [InlineData("118e12", 0.99)]
    [InlineData("118e00", 0.85)]
    public void Beats_are_detected_in_electrode_motion_noise(string name, double floor)
    {
        var recording = EcgRecordings.NoiseStressRecord(name);
        Assert.InRange(Print(name, Detections.Compare(recording, Detect(recording, 0))).F1, floor, 1);
    }

    [Fact]
    public void Beats_of_telehealth_recordings_are_detected()
    {
        var gross = BeatComparison.Sum(EcgRecordings.Telehealth.Select(EcgRecordings.TelehealthRecord)
            .Select(recording => Print(recording.Name, Detections.Compare(recording, Detect(recording, 0)))));
        Assert.InRange(Print("gross", gross).F1, 0.98, 1);
    }

    [Fact]
    public void Beats_are_detected_on_each_of_twelve_leads_of_ten_seconds()
    {
        // The first and the last beat of a recording are not annotated in this database.
        var recordings = EcgRecordings.Ludb.Select(EcgRecordings.LudbRecord);
        var gross = BeatComparison.Sum(recordings.SelectMany(recording => recording.Leads.Select(lead =>
        {
            var reference = lead.ReferenceBeats!;
            var beats = QrsDetector.Detect(lead.Samples, recording.SamplingFrequency).Beats.Select(beat => beat.Sample);
            var annotated = beats.Where(beat => reference[0] - 100 < beat && beat < reference[^1] + 100);
            return BeatComparer.Compare(reference, [.. annotated], recording.SamplingFrequency);
        })));
        AssertAtLeast(0.985, 0.985, Print("ludb, all leads", gross));
    }

    [Fact]
    public void Beats_of_other_databases_and_sampling_frequencies_are_detected()
    {
        foreach (var recording in new[] { EcgRecordings.Sel100(), EcgRecordings.Cinc2014() })
        {
            AssertAtLeast(0.998, 0.998, Print(recording.Name, Detections.Compare(recording, Detect(recording, 0))));
        }
    }

    private static IReadOnlyList<Beat> Detect(Recording recording, int lead) =>
        QrsDetector.Detect(recording.Leads[lead].Samples, recording.SamplingFrequency).Beats;

    private static void AssertAtLeast(double sensitivity, double predictivity, BeatComparison comparison)
    {
        Assert.InRange(comparison.Sensitivity, sensitivity, 1);
        Assert.InRange(comparison.PositivePredictivity, predictivity, 1);
    }

    private static void AssertAtMost(int missed, int extra, BeatComparison comparison)
    {
        Assert.InRange(comparison.Missed, 0, missed);
        Assert.InRange(comparison.Extra, 0, extra);
    }

    private BeatComparison Print(string what, BeatComparison comparison)
    {
        output.WriteLine(
            $"{what}: Se {comparison.Sensitivity:P2} +P {comparison.PositivePredictivity:P2} F1 {comparison.F1:P2}, "
            + $"missed {comparison.Missed}, extra {comparison.Extra}, "
            + $"bias {comparison.Bias:F2}, MAD {comparison.MedianAbsoluteDeviation:F2} samples");
        return comparison;
    }
}
