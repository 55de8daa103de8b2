using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Synthetic;

namespace Idoven.Ecgs.Analysis.Tests.Synthetic;

public sealed class SyntheticEcgTests
{
    private static readonly SyntheticEcgOptions Everything = new()
    {
        DurationSeconds = 30,
        VentricularEctopics = 2,
        SupraventricularEctopics = 1,
        NoiseUv = 20,
        BaselineWanderUv = 150,
        PowerLineUv = 30,
        LeadsOff = [new LeadOff("V3", 4, 6)],
        Seed = 7,
    };

    [Fact]
    public void The_same_options_give_the_same_samples_on_every_platform() =>
        Assert.Equal("dea495b913bba49d038ca3bb8aa95a62", Hash(SyntheticEcg.Generate(Everything)));

    [Fact]
    public void Another_seed_gives_another_ecg() =>
        Assert.NotEqual(Hash(SyntheticEcg.Generate(Everything)), Hash(SyntheticEcg.Generate(Everything with { Seed = 8 })));

    [Fact]
    public void Noise_and_leads_off_do_not_change_the_beats()
    {
        var clean = Everything with { NoiseUv = 0, BaselineWanderUv = 0, PowerLineUv = 0, LeadsOff = [] };
        Assert.Equal(SyntheticEcg.Generate(clean).Beats, SyntheticEcg.Generate(Everything).Beats);
    }

    [Fact]
    public void All_twelve_leads_have_the_requested_length()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 7.5, SamplingFrequency = 360.5 });
        Assert.Equal(["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"], ecg.Leads.Select(lead => lead.Name));
        Assert.All(ecg.Leads, lead => Assert.Equal(2704, lead.Samples.Length));
        Assert.Equal(360.5, ecg.SamplingFrequency);
    }

    [Theory]
    [InlineData(250)]
    [InlineData(360)]
    [InlineData(1000)]
    public void A_beat_is_at_the_largest_sample_of_its_complex(double samplingFrequency)
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions
        {
            DurationSeconds = 60,
            SamplingFrequency = samplingFrequency,
            VentricularEctopics = 3,
            SupraventricularEctopics = 3,
        });
        var around = (int)(0.1 * samplingFrequency);
        var power = Power(ecg);
        foreach (var beat in Inner(ecg))
        {
            // The peaks of a lead are slightly before or after those of the heart vector.
            var inLead = (beat.Class == BeatClass.V ? 0.012 : 0.004) * samplingFrequency;
            Assert.InRange(Extreme(power, beat.Sample, around) - beat.Sample, -0.004 * samplingFrequency, 0.004 * samplingFrequency);
            Assert.InRange(Extreme(Lead(ecg, "V5"), beat.Sample, around) - beat.Sample, -inLead, inLead);
            Assert.Equal(beat.Sample, Math.Round(beat.TimeSeconds * samplingFrequency));
        }
    }

    [Theory]
    [InlineData(40)]
    [InlineData(70)]
    [InlineData(110)]
    [InlineData(180)]
    public void Rate_and_number_of_beats_are_as_requested(double heartRate)
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { DurationSeconds = 120, HeartRate = heartRate });
        Assert.InRange(ecg.Beats.Count, (2 * heartRate) - 2, (2 * heartRate) + 2);
        Assert.Equal(heartRate, 60 / Intervals(ecg).Average(), 0.02 * heartRate);
        Assert.All(ecg.Beats, beat => Assert.Equal(BeatClass.N, beat.Class));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.03)]
    [InlineData(0.1)]
    public void RR_intervals_vary_as_requested(double variability)
    {
        var options = new SyntheticEcgOptions { DurationSeconds = 1200, SamplingFrequency = 100, RrVariability = variability };
        var intervals = Intervals(SyntheticEcg.Generate(options));
        Assert.Equal(variability, StandardDeviation(intervals) / intervals.Average(), (0.1 * variability) + 1e-6);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(5, 0)]
    [InlineData(3, 4)]
    [InlineData(14, 14)]
    public void The_requested_number_of_ectopic_beats_is_never_in_succession(int ventricular, int supraventricular)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions
            {
                DurationSeconds = 60,
                SamplingFrequency = 100,
                RrVariability = 0.1,
                VentricularEctopics = ventricular,
                SupraventricularEctopics = supraventricular,
                Seed = seed,
            });
            Assert.Equal(ventricular, ecg.Beats.Count(beat => beat.Class == BeatClass.V));
            Assert.Equal(supraventricular, ecg.Beats.Count(beat => beat.Class == BeatClass.S));
            var pairs = ecg.Beats.Zip(ecg.Beats.Skip(1));
            Assert.DoesNotContain(pairs, pair => pair.First.Class != BeatClass.N && pair.Second.Class != BeatClass.N);
        }
    }

    [Fact]
    public void A_ventricular_beat_is_premature_with_a_compensatory_pause()
    {
        foreach (var (before, after) in AroundEctopics(ventricular: 8, supraventricular: 0))
        {
            Assert.InRange(before, 0.54, 0.71);
            Assert.Equal(2, before + after, 1e-9);
        }
    }

    [Fact]
    public void A_supraventricular_beat_is_premature_and_resets_the_sinus_node()
    {
        foreach (var (before, after) in AroundEctopics(ventricular: 0, supraventricular: 8))
        {
            Assert.InRange(before, 0.54, 0.71);
            Assert.Equal(1, after, 1e-9);
        }
    }

    [Fact]
    public void A_ventricular_complex_is_wide_with_a_discordant_T_wave()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { VentricularEctopics = 1 });
        var leadII = Lead(ecg, "II");
        var ectopic = ecg.Beats.Single(beat => beat.Class == BeatClass.V);
        Assert.True(WidthAtHalf(leadII, ectopic.Sample) > 2 * WidthAtHalf(leadII, ecg.Beats[0].Sample));
        Assert.True(leadII[ectopic.Sample + 140] < -100, "T is negative where R is positive");
        Assert.True(leadII[ecg.Beats[0].Sample + 140] > 100, "T is positive in a normal beat");
    }

    [Fact]
    public void The_leads_have_the_waves_of_a_healthy_heart()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { HeartRate = 60, RrVariability = 0 });
        var beat = ecg.Beats[3].Sample;
        Assert.All(["I", "II", "V4", "V5", "V6"], name => Assert.True(Lead(ecg, name)[beat] > 400, name));
        Assert.True(Lead(ecg, "aVR")[beat] < -500, "aVR is negative");

        // rS in V1, qR in V5 and V6, and R grows from V1 to V4.
        var v1 = Lead(ecg, "V1").AsSpan(beat - 25, 51).ToArray();
        Assert.True(v1.Max() > 100 && v1.Min() < -2 * v1.Max() && Array.IndexOf(v1, v1.Max()) < Array.IndexOf(v1, v1.Min()), "V1 is rS");
        Assert.All(["V5", "V6"], name => Assert.InRange(Lead(ecg, name).AsSpan(beat - 25, 26).ToArray().Min(), -300, -50));
        var r = new[] { "V1", "V2", "V3", "V4" }.Select(name => Lead(ecg, name).AsSpan(beat - 25, 51).ToArray().Max()).ToArray();
        Assert.Equal(r.Order(), r);

        // P before, T after; flat between T and the next P.
        Assert.All(["I", "II", "V5"], name =>
        {
            var lead = Lead(ecg, name);
            Assert.True(lead[beat - 75] > 20 && lead[beat + 145] > 50 && Math.Abs(lead[beat + 250]) < 5, name);
        });
    }

    [Fact]
    public void The_limb_leads_obey_Einthoven_and_Goldberger_with_noise()
    {
        var ecg = SyntheticEcg.Generate(Everything);
        int[] i = Lead(ecg, "I"), ii = Lead(ecg, "II"), iii = Lead(ecg, "III");
        int[] avr = Lead(ecg, "aVR"), avl = Lead(ecg, "aVL"), avf = Lead(ecg, "aVF");
        for (var n = 0; n < i.Length; n++)
        {
            Assert.Equal(ii[n] - i[n], iii[n]);
            Assert.InRange(avr[n] + avl[n] + avf[n], -1, 1);
        }
    }

    [Fact]
    public void Noise_baseline_wander_and_power_line_are_as_large_as_requested()
    {
        var options = new SyntheticEcgOptions { DurationSeconds = 60 };
        var clean = SyntheticEcg.Generate(options);
        Assert.Equal(25, StandardDeviation(Difference(clean, options with { NoiseUv = 25 })), 0.5);

        var line = Difference(clean, options with { PowerLineUv = 40, PowerLineFrequency = 60 });
        Assert.Equal(40, line.Max(), 1.0);
        Assert.InRange(Crossings(line), (120 * 60) - 1, 120 * 60);

        var wander = Difference(clean, options with { BaselineWanderUv = 200 });
        Assert.InRange(wander.Max(), 140, 201);
        Assert.InRange(Crossings(wander), 2 * 0.07 * 60, 2 * 0.3 * 60);
    }

    [Fact]
    public void Only_the_lead_that_is_off_is_flat()
    {
        var options = new SyntheticEcgOptions { LeadsOff = [new LeadOff("V3", 4, 6, 5000), new LeadOff(null, 9.5, 99)] };
        var ecg = SyntheticEcg.Generate(options);
        Assert.All(Lead(ecg, "V3")[2000..3000], sample => Assert.Equal(5000, sample));
        Assert.NotEqual(5000, Lead(ecg, "V3")[1999]);
        Assert.NotEqual(5000, Lead(ecg, "V3")[3000]);
        Assert.True(Lead(ecg, "V4")[2000..3000].Distinct().Count() > 100);
        Assert.All(ecg.Leads, lead => Assert.All(lead.Samples[4750..], sample => Assert.Equal(0, sample)));
    }

    [Fact]
    public void Samples_stay_within_the_rails()
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions { NoiseUv = 1e300, BaselineWanderUv = 1e300, PowerLineUv = 1e300 });
        var samples = ecg.Leads.SelectMany(lead => lead.Samples);
        Assert.All(samples, sample => Assert.InRange(sample, -SyntheticEcg.RailUv, SyntheticEcg.RailUv));
        Assert.Contains(SyntheticEcg.RailUv, Lead(ecg, "V1"));
    }

    [Fact]
    public void Options_out_of_range_throw_with_their_name()
    {
        var good = new SyntheticEcgOptions();
        Refused(nameof(good.DurationSeconds), good with { DurationSeconds = 0 });
        Refused(nameof(good.DurationSeconds), good with { DurationSeconds = double.NaN });
        Refused(nameof(good.DurationSeconds), good with { DurationSeconds = 1e9 });
        Refused(nameof(good.DurationSeconds), good with { DurationSeconds = 0.0001 });
        Refused(nameof(good.SamplingFrequency), good with { SamplingFrequency = 49 });
        Refused(nameof(good.HeartRate), good with { HeartRate = 301 });
        Refused(nameof(good.RrVariability), good with { RrVariability = -0.01 });
        Refused(nameof(good.NoiseUv), good with { NoiseUv = double.PositiveInfinity });
        Refused(nameof(good.PowerLineFrequency), good with { PowerLineUv = 1, PowerLineFrequency = 250 });
        Refused(nameof(good.LeadsOff), good with { LeadsOff = [new LeadOff("V7", 0, 1)] });
        Refused(nameof(good.LeadsOff), good with { LeadsOff = [new LeadOff("V1", 2, 1)] });
        Refused(nameof(good.LeadsOff), good with { LeadsOff = [new LeadOff("V1", 0, 1, int.MinValue)] });
        Assert.Throws<ArgumentException>(() => SyntheticEcg.Generate(good with { VentricularEctopics = 6 }));
    }

    private static void Refused(string option, SyntheticEcgOptions options) =>
        Assert.Equal(option, Assert.Throws<ArgumentException>(() => SyntheticEcg.Generate(options)).ParamName);

    private static string Hash(SyntheticEcg ecg)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var lead in ecg.Leads)
        {
            hash.AppendData(MemoryMarshal.AsBytes(lead.Samples.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    private static int[] Lead(SyntheticEcg ecg, string name) => ecg.Leads.Single(lead => lead.Name == name).Samples;

    /// <summary>Returns the beats whose complexes are complete.</summary>
    private static IEnumerable<SyntheticBeat> Inner(SyntheticEcg ecg) =>
        ecg.Beats.Where(beat => beat.TimeSeconds > 0.2 && beat.Sample < ecg.Leads[0].Samples.Length - (0.2 * ecg.SamplingFrequency));

    /// <summary>Returns the sum over the leads of the squared samples.</summary>
    private static int[] Power(SyntheticEcg ecg) =>
        [.. Enumerable.Range(0, ecg.Leads[0].Samples.Length).Select(i => ecg.Leads.Sum(lead => lead.Samples[i] * lead.Samples[i]))];

    private static int Extreme(int[] samples, int centre, int around) =>
        Enumerable.Range(centre - around, (2 * around) + 1).MaxBy(i => Math.Abs((long)samples[i]));

    private static int WidthAtHalf(int[] samples, int peak) =>
        Enumerable.Range(peak - 50, 101).Count(i => Math.Abs(samples[i]) > Math.Abs(samples[peak]) / 2);

    private static double[] Intervals(SyntheticEcg ecg) =>
        [.. ecg.Beats.Zip(ecg.Beats.Skip(1), (one, next) => next.TimeSeconds - one.TimeSeconds)];

    /// <summary>Returns the intervals before and after each ectopic beat as multiples of the interval of a regular sinus rhythm.</summary>
    private static IEnumerable<(double Before, double After)> AroundEctopics(int ventricular, int supraventricular)
    {
        var ecg = SyntheticEcg.Generate(new SyntheticEcgOptions
        {
            DurationSeconds = 60,
            HeartRate = 75,
            RrVariability = 0,
            VentricularEctopics = ventricular,
            SupraventricularEctopics = supraventricular,
        });
        var ectopics = Enumerable.Range(0, ecg.Beats.Count).Where(i => ecg.Beats[i].Class != BeatClass.N).ToList();
        Assert.Equal(ventricular + supraventricular, ectopics.Count);
        return ectopics.Select(i => (
            (ecg.Beats[i].TimeSeconds - ecg.Beats[i - 1].TimeSeconds) / 0.8,
            (ecg.Beats[i + 1].TimeSeconds - ecg.Beats[i].TimeSeconds) / 0.8));
    }

    /// <summary>Returns what the options add to lead II of the clean ECG.</summary>
    private static double[] Difference(SyntheticEcg clean, SyntheticEcgOptions options) =>
        [.. Lead(SyntheticEcg.Generate(options), "II").Zip(Lead(clean, "II"), (with, without) => (double)(with - without))];

    private static int Crossings(double[] values) => values.Zip(values.Skip(1)).Count(pair => pair.First < 0 != pair.Second < 0);

    private static double StandardDeviation(double[] values) =>
        Math.Sqrt(Math.Max(0, values.Average(value => value * value) - Math.Pow(values.Average(), 2)));
}
