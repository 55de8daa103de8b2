using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Synthetic;

namespace Idoven.Cli.Recordings;

/// <summary>Generates a synthetic 12-lead ECG whose beats are known.</summary>
internal static class SyntheticRecording
{
    private static readonly SyntheticEcgOptions Options = new()
    {
        DurationSeconds = 30,
        SamplingFrequency = 500,
        HeartRate = 72,
        RrVariability = 0.04,
        VentricularEctopics = 2,
        SupraventricularEctopics = 1,
        NoiseUv = 8,
        BaselineWanderUv = 60,
        PowerLineUv = 5,
    };

    /// <summary>Creates the recording, dated now.</summary>
    public static Recording Create(TimeProvider clock)
    {
        var ecg = SyntheticEcg.Generate(Options);
        return new Recording("synthetic ECG", clock.GetUtcNow(), [.. ecg.Leads.Select(lead => new Lead(lead.Name, lead.Samples))])
        {
            SamplingFrequency = ecg.SamplingFrequency,
            Unit = "uV",
            Gain = 1,
            AdcZero = 0,
            ExternalId = "synthetic",
            Notes =
            [
                $"generated with {ecg.Beats.Count} beats: {Count(BeatClass.N)} normal, {Count(BeatClass.V)} ventricular ectopic and "
                    + $"{Count(BeatClass.S)} supraventricular ectopic",
            ],
        };

        int Count(BeatClass kind) => ecg.Beats.Count(beat => beat.Class == kind);
    }
}
