using Idoven.Ecgs.Analysis.Synthetic;

namespace Idoven.Ecgs.Tests.Goldens;

/// <summary>A recording whose analysis is pinned by the golden file.</summary>
/// <param name="Name">Its name in the golden file.</param>
/// <param name="SamplingFrequency">Samples per second (Hz); null to analyse it as a recording of unknown sampling frequency.</param>
/// <param name="AdcZero">As in an upload.</param>
/// <param name="Leads">All leads, whole.</param>
internal sealed record GoldenRecording(
    string Name, double? SamplingFrequency, int? AdcZero, IReadOnlyList<(string Name, int[] Samples)> Leads)
{
    /// <summary>Gets the synthetic set. Settings and seeds are fixed: the generator gives the same samples on every platform.</summary>
    public static IReadOnlyList<GoldenRecording> Synthetic { get; } =
    [
        FromOptions("default", new SyntheticEcgOptions()),
        FromOptions("seed-2", new SyntheticEcgOptions { Seed = 2 }, adcZero: 0),
        FromOptions("one-sample", new SyntheticEcgOptions { DurationSeconds = 0.002 }),
        FromOptions("one-second", new SyntheticEcgOptions { DurationSeconds = 1 }),
        FromOptions("unknown-frequency", new SyntheticEcgOptions { DurationSeconds = 30 }) with { SamplingFrequency = null },
        FromOptions("lowest-frequency", new SyntheticEcgOptions { DurationSeconds = 30, SamplingFrequency = 50 }),
        FromOptions("fractional-frequency", new SyntheticEcgOptions { DurationSeconds = 30, SamplingFrequency = 360.5 }),
        FromOptions("slow", new SyntheticEcgOptions { DurationSeconds = 60, SamplingFrequency = 250, HeartRate = 25, Seed = 3 }),
        FromOptions("fast", new SyntheticEcgOptions { DurationSeconds = 30, SamplingFrequency = 1000, HeartRate = 190, Seed = 4 }),
        FromOptions("irregular", new SyntheticEcgOptions { DurationSeconds = 120, SamplingFrequency = 250, RrVariability = 0.2, Seed = 5 }),
        FromOptions("ectopic", new SyntheticEcgOptions
        {
            DurationSeconds = 120, SamplingFrequency = 360, VentricularEctopics = 9, SupraventricularEctopics = 7, Seed = 6,
        }),
        FromOptions("noisy", new SyntheticEcgOptions
        {
            DurationSeconds = 60, NoiseUv = 80, BaselineWanderUv = 600, PowerLineUv = 120, PowerLineFrequency = 60,
            VentricularEctopics = 4, Seed = 7,
        }),
        FromOptions("noise-dominated", new SyntheticEcgOptions { DurationSeconds = 60, SamplingFrequency = 250, NoiseUv = 3000, Seed = 8 }),
        FromOptions("leads-off", new SyntheticEcgOptions
        {
            DurationSeconds = 60, SamplingFrequency = 250, Seed = 9,
            LeadsOff = [new LeadOff("V3", 4, 16, SyntheticEcg.RailUv), new LeadOff(null, 30, 42)],
        }),
        FromOptions("flat", new SyntheticEcgOptions { DurationSeconds = 20, LeadsOff = [new LeadOff(null, 0, 20, 17)] }),
        FromOptions("twenty-minutes", new SyntheticEcgOptions
        {
            DurationSeconds = 1200, SamplingFrequency = 250, NoiseUv = 15, BaselineWanderUv = 100,
            VentricularEctopics = 20, SupraventricularEctopics = 15, Seed = 10,
        }),
    ];

    private static GoldenRecording FromOptions(string name, SyntheticEcgOptions options, int? adcZero = null)
    {
        var ecg = SyntheticEcg.Generate(options);
        var leads = ecg.Leads.Select(lead => (lead.Name, lead.Samples));
        return new GoldenRecording("synthetic/" + name, options.SamplingFrequency, adcZero, [.. leads]);
    }
}
