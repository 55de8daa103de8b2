using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>Represents the options of a synthetic ECG. The defaults are a clean sinus rhythm.</summary>
public sealed record SyntheticEcgOptions
{
    /// <summary>Gets the length in seconds, above 0.</summary>
    public double DurationSeconds { get; init; } = 10;

    /// <summary>Gets the samples per second (Hz), 50 to 10,000; fractions are allowed.</summary>
    public double SamplingFrequency { get; init; } = 500;

    /// <summary>Gets the mean rate of the sinus node in beats per minute, 20 to 300.</summary>
    public double HeartRate { get; init; } = 70;

    /// <summary>Gets the standard deviation of the sinus node's RR intervals as a fraction of their mean, 0 to 0.2.</summary>
    public double RrVariability { get; init; } = 0.03;

    /// <summary>Gets the number of ventricular ectopic beats (PVC), each followed by a compensatory pause.</summary>
    public int VentricularEctopics { get; init; }

    /// <summary>Gets the number of supraventricular ectopic beats (PAC), each of which resets the sinus node.</summary>
    public int SupraventricularEctopics { get; init; }

    /// <summary>Gets the standard deviation of white noise in each measured lead, in uV.</summary>
    public double NoiseUv { get; init; }

    /// <summary>Gets the amplitude of the baseline wander by respiration, in uV.</summary>
    public double BaselineWanderUv { get; init; }

    /// <summary>Gets the amplitude of power line interference, in uV.</summary>
    public double PowerLineUv { get; init; }

    /// <summary>Gets the frequency of the power line (Hz), below half the sampling frequency.</summary>
    public double PowerLineFrequency { get; init; } = 50;

    /// <summary>Gets the ranges in which leads are off.</summary>
    public IReadOnlyList<LeadOff> LeadsOff { get; init; } = [];

    /// <summary>
    /// Gets the seed. The same seed gives the same ECG on every platform, and the rhythm does not depend on other options.
    /// </summary>
    public ulong Seed { get; init; } = 1;

    internal int Samples => (int)Math.Round(DurationSeconds * SamplingFrequency);

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal void Check()
    {
        Require(
            DurationSeconds > 0 && DurationSeconds * SamplingFrequency <= Array.MaxLength,
            nameof(DurationSeconds), "above 0, with at most 2^31 samples");
        Require(SamplingFrequency is >= 50 and <= 10_000, nameof(SamplingFrequency), "50 to 10,000 Hz");
        Require(Samples > 0, nameof(DurationSeconds), "one sample or more");
        Require(HeartRate is >= 20 and <= 300, nameof(HeartRate), "20 to 300 beats a minute");
        Require(RrVariability is >= 0 and <= 0.2, nameof(RrVariability), "0 to 0.2");
        Require(VentricularEctopics >= 0, nameof(VentricularEctopics), "0 or more");
        Require(SupraventricularEctopics >= 0, nameof(SupraventricularEctopics), "0 or more");
        Require(double.IsFinite(NoiseUv) && NoiseUv >= 0, nameof(NoiseUv), "0 or more");
        Require(double.IsFinite(BaselineWanderUv) && BaselineWanderUv >= 0, nameof(BaselineWanderUv), "0 or more");
        Require(double.IsFinite(PowerLineUv) && PowerLineUv >= 0, nameof(PowerLineUv), "0 or more");
        Require(
            PowerLineUv == 0 || (PowerLineFrequency > 0 && PowerLineFrequency < SamplingFrequency / 2),
            nameof(PowerLineFrequency), "above 0, below half the sampling frequency");
        foreach (var off in LeadsOff)
        {
            Require(
                off.Lead is null || TwelveLeads.Names.Contains(off.Lead),
                nameof(LeadsOff), $"leads are {string.Join(", ", TwelveLeads.Names)}");
            Require(off.FromSeconds >= 0 && off.ToSeconds >= off.FromSeconds, nameof(LeadsOff), "from is 0 or more, to is from or more");
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

/// <summary>Represents a range in which a lead has no contact and is flat.</summary>
/// <param name="Lead">The name of the lead; null for all leads.</param>
/// <param name="FromSeconds">The start in seconds.</param>
/// <param name="ToSeconds">The end in seconds, exclusive.</param>
/// <param name="LevelUv">The value of the samples in uV: 0, or a rail of the amplifier.</param>
public sealed record LeadOff(string? Lead, double FromSeconds, double ToSeconds, int LevelUv = 0);
