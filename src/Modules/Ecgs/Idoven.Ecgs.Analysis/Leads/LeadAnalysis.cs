using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Morphology;
using Idoven.Ecgs.Analysis.Quality;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Leads;

/// <summary>Represents what was measured of one lead: its beats, their morphology, and the quality of the signal.</summary>
public sealed class LeadAnalysis
{
    internal LeadAnalysis(DetectedBeats detection, IReadOnlyList<BeatMorphology> morphologies, IReadOnlyList<WindowMeasures> windows)
    {
        Detection = detection;
        Morphologies = morphologies;
        Windows = windows;
    }

    /// <summary>Gets the detected beats.</summary>
    public DetectedBeats Detection { get; }

    /// <summary>Gets the beats in order of time.</summary>
    public IReadOnlyList<Beat> Beats => Detection.Beats;

    /// <summary>Gets the ranges without detectable beats.</summary>
    public IReadOnlyList<SampleRange> Gaps => Detection.Gaps;

    /// <summary>Gets the ranges with ventricular flutter or coarse fibrillation.</summary>
    public IReadOnlyList<SampleRange> Flutter => Detection.Flutter;

    /// <summary>Gets whether pacing spikes precede most of the beats.</summary>
    public bool IsPaced { get; init; }

    /// <summary>Gets the measures of the signal in each window of ten seconds.</summary>
    internal IReadOnlyList<WindowMeasures> Windows { get; }

    /// <summary>Gets the morphology of each beat.</summary>
    internal IReadOnlyList<BeatMorphology> Morphologies { get; }

    /// <summary>
    /// Gets the samples per second that detection used: the sampling frequency, or an estimate that only serves to detect beats.
    /// </summary>
    internal double Scale { get; init; }
}
