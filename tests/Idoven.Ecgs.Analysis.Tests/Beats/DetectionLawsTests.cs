using Idoven.Ecgs.Accuracy;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Beats;

/// <summary>Changes that must not affect the beats: offset, polarity, gain, cuts of the recording, and the sampling frequency.</summary>
public sealed class DetectionLawsTests(ITestOutputHelper output)
{
    public static TheoryData<string> Records => [.. EcgRecordings.MitBih];

    [Theory, MemberData(nameof(Records))]
    public void Offset_and_polarity_do_not_change_the_beats(string record)
    {
        var samples = EcgRecordings.MitBihRecord(record).Leads[0].Samples;
        var expected = Detections.MitBih(record, 0).Beats;
        Assert.Equal(expected, QrsDetector.Detect(Array.ConvertAll(samples, sample => -sample - 30_000), 360).Beats);
    }

    [Theory, MemberData(nameof(Records))]
    public void Every_candidate_has_finite_log_odds(string record)
    {
        foreach (var lead in new[] { Detections.MitBih(record, 0), Detections.MitBih(record, 1) })
        {
            Assert.All(lead.Detection.Candidates, candidate => Assert.True(double.IsFinite(candidate.Score)));
        }

        Assert.All(Detections.Fused(record), beat => Assert.True(double.IsFinite(beat.Score)));
    }

    [Theory, MemberData(nameof(Records))]
    public void Gain_changes_at_most_one_beat_in_500(string record)
    {
        // A power of two gives the same bits in floating point; with 37 the last bit of a float may decide a tie.
        var samples = EcgRecordings.MitBihRecord(record).Leads[0].Samples;
        var expected = Detections.MitBih(record, 0).Beats;
        Assert.Equal(
            expected.Select(beat => beat.Sample),
            QrsDetector.Detect(Array.ConvertAll(samples, sample => sample * 16), 360).Beats.Select(beat => beat.Sample));
        var amplified = QrsDetector.Detect(Array.ConvertAll(samples, sample => sample * 37), 360).Beats;
        AssertAlike(expected, amplified, 360, mostDifferences: expected.Count / 500);
    }

    [Theory, MemberData(nameof(Records))]
    public void A_cut_changes_at_most_one_beat_in_100_beyond_30_s(string record)
    {
        // Beats 30 s after the cut have the same neighbours, but the stretches of ten minutes start elsewhere.
        var samples = EcgRecordings.MitBihRecord(record).Leads[0].Samples;
        const int Cut = 217_001;
        var flutter = EcgRecordings.MitBihRecord(record).Flutter;
        var whole = Detections.MitBih(record, 0).Beats.Where(beat => beat.Sample > Cut + (30 * 360)).ToList();
        var tail = QrsDetector.Detect(samples.AsMemory(Cut), 360).Beats.Select(beat => beat with { Sample = beat.Sample + Cut })
            .Where(beat => beat.Sample > Cut + (30 * 360)).ToList();
        AssertAlike(whole, tail, 360, mostDifferences: 2 + (whole.Count / 100), flutter);
    }

    [Theory]
    [InlineData(180)]
    [InlineData(250)]
    [InlineData(500)]
    [InlineData(1000)]
    public void Resampled_records_lose_at_most_one_percent_of_F1(double frequency)
    {
        foreach (var record in new[] { "100", "108", "119", "203" })
        {
            var recording = EcgRecordings.MitBihRecord(record);
            var resampled = recording with
            {
                SamplingFrequency = frequency,
                Annotations = [.. recording.Annotations.Select(a => a with { Sample = (int)Math.Round(a.Sample * frequency / 360) })],
            };
            var samples = Resample(recording.Leads[0].Samples, 360, frequency);
            var comparison = Detections.Compare(resampled, QrsDetector.Detect(samples, frequency).Beats);
            var original = Detections.Compare(record, Detections.MitBih(record, 0).Beats);
            output.WriteLine($"{record} at {frequency} Hz: F1 {comparison.F1:P2}, at 360 Hz {original.F1:P2}");
            Assert.InRange(comparison.F1, original.F1 - 0.01, 1);
        }
    }

    private void AssertAlike(
        IReadOnlyList<Beat> expected, IReadOnlyList<Beat> actual, double frequency, int mostDifferences,
        IReadOnlyList<SampleRange>? excluded = null)
    {
        var comparison = BeatComparer.Compare(
            [.. expected.Select(beat => beat.Sample)], [.. actual.Select(beat => beat.Sample)], frequency, excluded: excluded);
        output.WriteLine($"{comparison.Matched} alike, {comparison.Missed} only before, {comparison.Extra} only after");
        Assert.InRange(comparison.Missed + comparison.Extra, 0, mostDifferences);
    }

    /// <summary>Resamples by cubic interpolation (Catmull-Rom), after a mean of neighbours if the frequency decreases.</summary>
    private static int[] Resample(int[] samples, double from, double to)
    {
        var source = to >= from
            ? samples.Select(sample => (double)sample).ToArray()
            : samples.Select((_, i) => Smooth(i)).ToArray();
        double Smooth(int i) => (samples[Math.Max(0, i - 1)] + (2.0 * samples[i]) + samples[Math.Min(samples.Length - 1, i + 1)]) / 4;
        double At(int i) => source[Math.Clamp(i, 0, source.Length - 1)];
        return
        [
            .. Enumerable.Range(0, (int)(samples.Length * to / from)).Select(i =>
            {
                var position = i * from / to;
                var k = (int)position;
                var t = position - k;
                var (a, b, c, d) = (At(k - 1), At(k), At(k + 1), At(k + 2));
                var curve = (2 * a) - (5 * b) + (4 * c) - d + (t * ((3 * (b - c)) + d - a));
                return (int)Math.Round(16 * (b + (0.5 * t * (c - a + (t * curve)))));
            }),
        ];
    }
}
