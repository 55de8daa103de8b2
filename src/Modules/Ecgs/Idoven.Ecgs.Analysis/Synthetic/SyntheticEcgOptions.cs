using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>What a synthetic ECG shall hold. The defaults are a clean sinus rhythm.</summary>
public sealed record SyntheticEcgOptions
{
    /// <summary>Length in seconds, above 0.</summary>
    public double DurationSeconds { get; init; } = 10;

    /// <summary>Samples a second (Hz), 50 to 10,000; fractions are allowed.</summary>
    public double SamplingFrequency { get; init; } = 500;

    /// <summary>Beats a minute of the sinus node on average, 20 to 300.</summary>
    public double HeartRate { get; init; } = 70;

    /// <summary>Standard deviation of the sinus node's RR intervals as a part of their mean, 0 to 0.2.</summary>
    public double RrVariability { get; init; } = 0.03;

    /// <summary>How many ventricular ectopic beats (PVC), each followed by a compensatory pause.</summary>
    public int VentricularEctopics { get; init; }

    /// <summary>How many supraventricular ectopic beats (PAC), each resetting the sinus node.</summary>
    public int SupraventricularEctopics { get; init; }

    /// <summary>Standard deviation of white noise in each measured lead, in uV.</summary>
    public double NoiseUv { get; init; }

    /// <summary>Amplitude of the baseline's wander with respiration, in uV.</summary>
    public double BaselineWanderUv { get; init; }

    /// <summary>Amplitude of power line interference, in uV.</summary>
    public double PowerLineUv { get; init; }

    /// <summary>Frequency of the power line (Hz), below half the sampling frequency.</summary>
    public double PowerLineFrequency { get; init; } = 50;

    /// <summary>Stretches in which a lead is off.</summary>
    public IReadOnlyList<LeadOff> LeadsOff { get; init; } = [];

    /// <summary>The same seed gives the same ECG, on every platform; the rhythm doesn't depend on what else is asked.</summary>
    public ulong Seed { get; init; } = 1;

    internal int Samples => (int)Math.Round(DurationSeconds * SamplingFrequency);

    /// <exception cref="ArgumentException">An option lies outside its range.</exception>
    internal void Check()
    {
        Require(DurationSeconds > 0 && DurationSeconds * SamplingFrequency <= Array.MaxLength, nameof(DurationSeconds), "above 0, with at most 2^31 samples");
        Require(SamplingFrequency is >= 50 and <= 10_000, nameof(SamplingFrequency), "50 to 10,000 Hz");
        Require(Samples > 0, nameof(DurationSeconds), "one sample or more");
        Require(HeartRate is >= 20 and <= 300, nameof(HeartRate), "20 to 300 beats a minute");
        Require(RrVariability is >= 0 and <= 0.2, nameof(RrVariability), "0 to 0.2");
        Require(VentricularEctopics >= 0, nameof(VentricularEctopics), "0 or more");
        Require(SupraventricularEctopics >= 0, nameof(SupraventricularEctopics), "0 or more");
        Require(double.IsFinite(NoiseUv) && NoiseUv >= 0, nameof(NoiseUv), "0 or more");
        Require(double.IsFinite(BaselineWanderUv) && BaselineWanderUv >= 0, nameof(BaselineWanderUv), "0 or more");
        Require(double.IsFinite(PowerLineUv) && PowerLineUv >= 0, nameof(PowerLineUv), "0 or more");
        Require(PowerLineUv == 0 || (PowerLineFrequency > 0 && PowerLineFrequency < SamplingFrequency / 2), nameof(PowerLineFrequency), "above 0, below half the sampling frequency");
        foreach (var off in LeadsOff)
        {
            Require(off.Lead is null || TwelveLeads.Names.Contains(off.Lead), nameof(LeadsOff), $"leads are {string.Join(", ", TwelveLeads.Names)}");
            Require(off.FromSeconds >= 0 && off.ToSeconds >= off.FromSeconds, nameof(LeadsOff), "from 0 or later, to not before from");
            Require(Math.Abs((long)off.LevelUv) <= SyntheticEcg.RailUv, nameof(LeadsOff), $"a level within {SyntheticEcg.RailUv} uV");
        }
    }

    private static void Require(bool holds, string option, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException($"{option}: {rule}.", option);
        }
    }
}

/// <summary>A lead without contact: flat at a level.</summary>
/// <param name="Lead">The lead's name; null for all leads.</param>
/// <param name="FromSeconds">Its first moment.</param>
/// <param name="ToSeconds">The end, exclusive.</param>
/// <param name="LevelUv">Where the lead lies meanwhile: 0, or a rail of the amplifier.</param>
public sealed record LeadOff(string? Lead, double FromSeconds, double ToSeconds, int LevelUv = 0);
