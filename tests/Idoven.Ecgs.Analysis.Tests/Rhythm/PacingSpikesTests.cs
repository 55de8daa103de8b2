using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Ecgs.Analysis.Tests.Beats;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Rhythm;

public sealed class PacingSpikesTests(ITestOutputHelper output)
{
    // 90 and 111 have bipolar pacing, whose spikes are too small.
    private static readonly string[] Unipolar = ["8", "34", "45", "74"];

    [Fact]
    public void Only_unipolar_pacing_is_detected_in_recordings_of_LUDB()
    {
        foreach (var name in EcgRecordings.Ludb)
        {
            var recording = EcgRecordings.LudbRecord(name);
            var leads = recording.Leads
                .Where(lead => LeadAnalyzer.Analyze(lead.Samples, recording.SamplingFrequency).IsPaced)
                .Select(lead => lead.Name)
                .ToList();
            output.WriteLine($"{name}: {string.Join(", ", leads)}");
            Assert.Equal(Unipolar.Contains(name), leads.Count > 0);
        }
    }

    [Fact]
    public void No_pacing_spikes_are_detected_in_the_development_records_of_MIT_BIH()
    {
        // Record 104 is paced, but the tape did not preserve its spikes.
        foreach (var record in EcgRecordings.MitBih)
        {
            Assert.False(Detections.MitBih(record, 0).IsPaced || Detections.MitBih(record, 1).IsPaced, record);
        }
    }

    [Theory]
    [InlineData(250)]
    [InlineData(500)]
    [InlineData(1000)]
    public void Spikes_added_to_a_synthetic_ecg_are_detected_in_either_polarity(double frequency)
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 30, SamplingFrequency = frequency, NoiseUv = 10 });
        var samples = ecg.Leads[1].Samples;
        Assert.False(LeadAnalyzer.Analyze(samples, frequency).IsPaced);
        foreach (var polarity in new[] { -1, 1 })
        {
            var paced = (int[])samples.Clone();
            foreach (var beat in ecg.Beats.Where(beat => beat.Sample > 0.1 * frequency))
            {
                for (var k = 0; k < Math.Max(1, 0.002 * frequency); k++)
                {
                    paced[beat.Sample - (int)(0.09 * frequency) + k] += polarity * 2500;
                }
            }

            Assert.True(LeadAnalyzer.Analyze(paced, frequency).IsPaced, $"{frequency} Hz, {polarity}");
        }
    }

    [Fact]
    public void No_spikes_are_detected_below_250_Hz_or_with_fewer_than_five_beats()
    {
        var samples = new int[10_000];
        Beat[] beats = [.. Enumerable.Range(1, 9).Select(i => new Beat(i * 1000, 0))];
        foreach (var beat in beats)
        {
            samples[(int)beat.Sample - 40] = 1000;
        }

        Assert.True(PacingSpikes.Precede(samples, beats, 500));
        Assert.False(PacingSpikes.Precede(samples, beats, 200));
        Assert.False(PacingSpikes.Precede(samples, beats[..4], 500));
    }
}
