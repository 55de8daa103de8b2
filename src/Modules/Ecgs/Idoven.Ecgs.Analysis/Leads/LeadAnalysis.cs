using Idoven.Ecgs.Analysis.Accuracy;
using Idoven.Ecgs.Analysis.Classes;
using Idoven.Ecgs.Analysis.Quality;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>The beats found on one lead.</summary>
public sealed class LeadBeats
{
    internal LeadBeats(
        IReadOnlyList<Beat> beats, IReadOnlyList<BeatForm> forms, IReadOnlyList<Beat> candidates, IReadOnlyList<SampleRange> gaps, IReadOnlyList<SampleRange> flutter,
        IReadOnlyList<WindowMeasures> windows)
    {
        Beats = beats;
        Forms = forms;
        Candidates = candidates;
        Gaps = gaps;
        Flutter = flutter;
        Windows = windows;
    }

    /// <summary>The beats in order of time.</summary>
    public IReadOnlyList<Beat> Beats { get; }

    /// <summary>What was measured of the lead, every ten seconds.</summary>
    internal IReadOnlyList<WindowMeasures> Windows { get; }

    /// <summary>How each of them looks.</summary>
    internal IReadOnlyList<BeatForm> Forms { get; }

    /// <summary>Stretches in which there are no beats to be found: one value for a second or longer (no signal), and <see cref="Flutter"/>.</summary>
    public IReadOnlyList<SampleRange> Gaps { get; }

    /// <summary>Stretches that swing as in ventricular flutter or coarse fibrillation.</summary>
    public IReadOnlyList<SampleRange> Flutter { get; }

    /// <summary>Samples a second that they were looked for with: the sampling frequency, or where it is not known an estimate that only serves to find beats.</summary>
    internal double Scale { get; init; }

    /// <summary>Whether a pacemaker's spikes stand before most of them.</summary>
    public bool IsPaced { get; init; }

    /// <summary>These and what else might be a beat in the light of other leads.</summary>
    internal IReadOnlyList<Beat> Candidates { get; }
}
