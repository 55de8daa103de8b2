using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Synthetic;
using Idoven.Ecgs.Analysis.Tests.Beats;
using Idoven.Ecgs.Analysis.Tests.Recordings;

namespace Idoven.Ecgs.Analysis.Tests.Rhythm;

public sealed class PacingSpikesTests(ITestOutputHelper output)
{
    // 90 and 111 have bipolar pacing, whose spikes are too small to be told.
    private static readonly string[] Unipolar = ["8", "34", "45", "74"];

    [Fact]
    public void Unipolar_pacing_is_seen_on_some_lead_and_nothing_else_is_taken_for_it()
    {
        foreach (var name in EcgRecordings.Ludb)
        {
            var recording = EcgRecordings.LudbRecord(name);
            var leads = recording.Leads.Where(lead => LeadAnalyzer.Analyze(lead.Samples, recording.SamplingFrequency).IsPaced).Select(lead => lead.Name).ToList();
            output.WriteLine($"{name}: {string.Join(", ", leads)}");
            Assert.Equal(Unipolar.Contains(name), leads.Count > 0);
        }
    }

    [Fact]
    public void No_development_record_of_MIT_BIH_shows_spikes()
    {
        // Those of 104 did not survive the tape.
        foreach (var record in EcgRecordings.MitBih)
        {
            Assert.False(Detections.MitBih(record, 0).IsPaced || Detections.MitBih(record, 1).IsPaced, record);
        }
    }

    [Theory]
    [InlineData(250)]
    [InlineData(500)]
    [InlineData(1000)]
    public void Spikes_added_to_a_synthetic_ecg_are_seen_in_either_polarity(double frequency)
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
    public void Too_low_a_rate_or_too_few_beats_say_nothing()
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
