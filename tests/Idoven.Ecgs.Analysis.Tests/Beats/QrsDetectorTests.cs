using FsCheck.Xunit;
using Idoven.Ecgs.Accuracy;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Synthetic;

namespace Idoven.Ecgs.Analysis.Tests.Beats;

public sealed class QrsDetectorTests
{
    private static readonly double[] Rates = [100, 128, 250, 257, 300, 360, 500, 512.617, 1000, 2000];

    public static TheoryData<double> SamplingFrequencies => [.. Rates];

    private static SyntheticEcg Ecg(SyntheticEcgOptions options) => SyntheticEcg.Generate(options);

    private static IReadOnlyList<Beat> Detect(int[] samples, double samplingFrequency = 500) =>
        QrsDetector.Detect(samples, samplingFrequency).Beats;

    [Fact]
    public void No_beat_is_detected_in_an_empty_short_or_flat_lead()
    {
        Assert.Empty(Detect([]));
        Assert.Empty(Detect([7]));
        Assert.Empty(Detect([1, 2]));
        Assert.Empty(Detect(new int[100_000]));
        Assert.Empty(Detect([.. Enumerable.Repeat(int.MaxValue, 5_000)]));
    }

    [Theory, MemberData(nameof(SamplingFrequencies))]
    public void All_beats_of_a_clean_sinus_rhythm_are_detected_on_every_lead_at_every_sampling_frequency(double samplingFrequency)
    {
        var ecg = Ecg(new SyntheticEcgOptions { DurationSeconds = 60, SamplingFrequency = samplingFrequency, NoiseUv = 10 });
        foreach (var lead in ecg.Leads)
        {
            var detected = Detect(lead.Samples, samplingFrequency).Select(beat => beat.Sample);
            var comparison = BeatComparer.Compare(
                [.. ecg.Beats.Select(beat => beat.TimeSeconds * samplingFrequency)], [.. detected], samplingFrequency);
            Assert.Equal((0, 0), (comparison.Missed, comparison.Extra));
        }
    }

    [Fact]
    public void Premature_beats_are_detected()
    {
        var ecg = Ecg(new SyntheticEcgOptions
        {
            DurationSeconds = 300,
            VentricularEctopics = 30,
            SupraventricularEctopics = 30,
            NoiseUv = 20,
            BaselineWanderUv = 300,
        });
        var comparison = BeatComparer.Compare(
            [.. ecg.Beats.Select(beat => beat.TimeSeconds * 500)], [.. Detect(ecg.Leads[1].Samples).Select(beat => beat.Sample)], 500);
        Assert.InRange(comparison.Missed + comparison.Extra, 0, 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(SyntheticEcg.RailUv)]
    public void No_beat_is_detected_while_a_lead_is_off_and_none_is_missed_around_it(int level)
    {
        var off = new LeadOff("II", 20, 32, level);
        var ecg = Ecg(new SyntheticEcgOptions { DurationSeconds = 60, NoiseUv = 10, LeadsOff = [off] });
        var beats = Detect(ecg.Leads.Single(lead => lead.Name == "II").Samples);
        var comparison = BeatComparer.Compare(
            [.. ecg.Beats.Select(beat => beat.TimeSeconds * 500)], [.. beats.Select(beat => beat.Sample)], 500,
            excluded: [new SampleRange(19.8 * 500, 32.2 * 500)]);
        Assert.Equal((0, 0), (comparison.Missed, comparison.Extra));
        Assert.DoesNotContain(beats, beat => beat.Sample is > 20.1 * 500 and < 31.9 * 500);
    }

    [Fact]
    public void A_sine_of_270_per_minute_is_flutter_and_has_no_beats()
    {
        var sine = Enumerable.Range(0, 15_000).Select(i => (int)(1000 * Math.Sin(2 * Math.PI * 4.5 * i / 500))).ToArray();
        var lead = QrsDetector.Detect(sine, 500);
        Assert.True(lead.Flutter.Sum(range => range.Last - range.First) > 0.9 * 15_000);
        Assert.InRange(lead.Beats.Count, 0, 4);
    }

    [Fact]
    public void Fused_beats_are_complete_if_leads_are_off_one_after_the_other()
    {
        var ecg = Ecg(new SyntheticEcgOptions
        {
            DurationSeconds = 120,
            NoiseUv = 20,
            LeadsOff = [new LeadOff("I", 0, 50), new LeadOff("II", 60, 100), new LeadOff("V1", 0, 120)],
        });
        var leads = ecg.Leads.Where(lead => lead.Name is "I" or "II" or "V1").Select(lead => QrsDetector.Detect(lead.Samples, 500));
        var fused = FusedQrsDetector.Detect([.. leads], 500).Select(beat => beat.Sample);
        var comparison = BeatComparer.Compare([.. ecg.Beats.Select(beat => beat.TimeSeconds * 500)], [.. fused], 500);
        Assert.Equal((0, 0), (comparison.Missed, comparison.Extra));
    }

    [Fact]
    public void A_sampling_frequency_below_100_Hz_throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => QrsDetector.Detect(new int[100], 99.9));

    [Property(MaxTest = 200)]
    public bool Beats_of_arbitrary_samples_are_within_the_lead_and_in_ascending_order(int[] samples, byte rate, byte repeats)
    {
        var frequency = Rates[rate % Rates.Length];
        var signal = Enumerable.Repeat(samples, repeats).SelectMany(values => values).ToArray();
        var beats = Detect(signal, frequency);
        return beats.All(beat => beat.Sample >= 0 && beat.Sample <= signal.Length - 1 && double.IsFinite(beat.Score))
            && beats.Zip(beats.Skip(1)).All(pair => pair.Second.Sample > pair.First.Sample);
    }
}
