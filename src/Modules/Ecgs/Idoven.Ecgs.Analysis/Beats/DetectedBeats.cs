using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>Represents the beats that were detected on one lead.</summary>
public sealed class DetectedBeats
{
    internal DetectedBeats(
        IReadOnlyList<Beat> beats, IReadOnlyList<Beat> candidates, IReadOnlyList<SampleRange> gaps, IReadOnlyList<SampleRange> flutter)
    {
        Beats = beats;
        Candidates = candidates;
        Gaps = gaps;
        Flutter = flutter;
    }

    /// <summary>Gets the beats in order of time.</summary>
    public IReadOnlyList<Beat> Beats { get; }

    /// <summary>
    /// Gets the ranges without detectable beats: one value for a second or longer (no signal), and <see cref="Flutter"/>.
    /// </summary>
    public IReadOnlyList<SampleRange> Gaps { get; }

    /// <summary>Gets the ranges with ventricular flutter or coarse fibrillation.</summary>
    public IReadOnlyList<SampleRange> Flutter { get; }

    /// <summary>Gets the beats and the other peaks that may be beats if other leads support them.</summary>
    internal IReadOnlyList<Beat> Candidates { get; }
}
