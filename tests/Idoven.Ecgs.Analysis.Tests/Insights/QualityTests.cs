using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Quality;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Ecgs.Analysis.Tests.Beats;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

/// <summary>Quality of clean, noisy and unusable signals. Tests on recordings print their figures.</summary>
public sealed class QualityTests(ITestOutputHelper output)
{
    private static LeadQuality Quality(int[] samples, double samplingFrequency) =>
        (LeadQuality)new QualityInsight().Compute(new LeadSignal("I", samples, new RecordingInfo(samplingFrequency)));

    private static (int[] Samples, double Frequency) Synthetic(SyntheticEcgOptions options)
    {
        var ecg = SyntheticEcg.Generate(options);
        return (ecg.Leads[1].Samples, ecg.SamplingFrequency);
    }

    [Theory]
    [InlineData(0, 0.01)]
    [InlineData(1, 0.05)]
    public void At_most_a_few_windows_of_clean_recordings_are_poor(int lead, double most)
    {
        var (poor, all) = (0, 0);
        foreach (var record in EcgRecordings.MitBih)
        {
            var flutter = EcgRecordings.MitBihRecord(record).Flutter;
            var windows = Detections.MitBih(record, lead).Windows.Index()
                .Where(window => !flutter.Any(range => range.First < (window.Index + 1) * 3600 && range.Last >= window.Index * 3600))
                .Select(window => WindowQuality.Compute(window.Item)).ToList();
            var bad = windows.Count(window => window.Class < QualityClass.Fair);
            output.WriteLine($"{record}: {bad} of {windows.Count}, {windows.Count(window => window.Class == QualityClass.Good)} good");
            (poor, all) = (poor + bad, all + windows.Count);
        }

        output.WriteLine($"all: {poor} of {all}, {(double)poor / all:P2}");
        Assert.InRange((double)poor / all, 0, most);
    }

    [Fact]
    public void A_range_with_the_lead_off_is_flat_and_unusable()
    {
        var options = new SyntheticEcgOptions { DurationSeconds = 60, NoiseUv = 10, LeadsOff = [new LeadOff(null, 20, 40)] };
        var (samples, frequency) = Synthetic(options);
        var quality = Quality(samples, frequency);

        Assert.Equal((4, 2), (quality.Windows.Good, quality.Windows.Unusable));
        Assert.Equal(100.0 / 3, quality.FlatPercent, 0.5);
        var segment = Assert.Single(quality.Segments);
        Assert.Equal((20, 40, QualityClass.Unusable), (segment.StartS, segment.EndS, segment.Class));
        Assert.Contains("flat", segment.Reasons);
    }

    [Fact]
    public void A_flat_lead_is_unusable() => Assert.Equal(QualityClass.Unusable, Quality(new int[10_000], 500).Class);

    [Fact]
    public void White_noise_is_poor_or_unusable()
    {
        var random = new Random(1);
        var quality = Quality([.. Enumerable.Range(0, 30_000).Select(_ => random.Next(-1000, 1000))], 500);
        Assert.True(quality.Class < QualityClass.Fair, $"{quality}");
        Assert.Contains("noise", quality.Reasons);
    }

    [Fact]
    public void A_clipped_lead_is_saturated()
    {
        var (samples, frequency) = Synthetic(new SyntheticEcgOptions { DurationSeconds = 30, BaselineWanderUv = 1500 });
        var quality = Quality([.. samples.Select(sample => Math.Clamp(sample, -400, 400))], frequency);
        Assert.Contains("saturated", quality.Reasons);
        Assert.InRange(quality.SaturatedPercent, 20, 100);
        Assert.DoesNotContain("saturated", Quality(samples, frequency).Reasons);
    }

    [Theory]
    [InlineData(50, 50)]
    [InlineData(60, 60)]
    [InlineData(59.8, 60)]
    public void Power_line_interference_is_measured(double frequency, int named)
    {
        var options = new SyntheticEcgOptions { DurationSeconds = 30, PowerLineUv = 150, PowerLineFrequency = frequency, NoiseUv = 5 };
        var (samples, rate) = Synthetic(options);
        var quality = Quality(samples, rate);
        Assert.Equal(named, quality.PowerLineHz);
        Assert.Contains("powerLine", quality.Reasons);
    }

    [Fact]
    public void A_clean_synthetic_ecg_is_good_and_has_no_reasons()
    {
        var (samples, frequency) = Synthetic(new SyntheticEcgOptions { DurationSeconds = 60, NoiseUv = 10 });
        var quality = Quality(samples, frequency);
        Assert.Equal((QualityClass.Good, 6), (quality.Class, quality.Windows.Good));
        Assert.Empty(quality.Reasons);
        Assert.Empty(quality.Segments);
        Assert.Null(quality.PowerLineHz);
    }

    [Fact]
    public void More_noise_has_a_lower_score()
    {
        double Score(string name)
        {
            var recording = EcgRecordings.NoiseStressRecord(name);
            return Quality(recording.Leads[0].Samples, recording.SamplingFrequency).Score;
        }

        var clean = Quality(EcgRecordings.MitBihRecord("118").Leads[0].Samples, 360).Score;
        var (some, much) = (Score("118e12"), Score("118e00"));
        output.WriteLine($"118 {clean:F3}, with noise at 12 dB {some:F3}, at 0 dB {much:F3}");
        Assert.True(clean > some && some > much);
    }

    [Theory]
    [InlineData("101")]
    [InlineData("208")]
    public void Offset_polarity_and_a_gain_of_a_power_of_two_do_not_change_the_quality(string record)
    {
        var samples = EcgRecordings.MitBihRecord(record).Leads[1].Samples[..216_000];
        var expected = QrsWindows(samples);
        Assert.Equal(expected, QrsWindows(Array.ConvertAll(samples, sample => -sample - 30_000)));
        Assert.Equal(expected, QrsWindows(Array.ConvertAll(samples, sample => sample * 16)));
    }

    private static IEnumerable<(QualityClass Class, QualityReasons Reasons)> QrsWindows(int[] samples) =>
        new LeadSignal("I", samples, new RecordingInfo(360)).Analyze()!.Windows
            .Select(WindowQuality.Compute)
            .Select(window => (window.Class, window.Reasons));
}
