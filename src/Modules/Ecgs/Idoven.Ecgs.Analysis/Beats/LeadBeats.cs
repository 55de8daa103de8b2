using Idoven.Ecgs.Analysis.Accuracy;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>The beats found on one lead.</summary>
public sealed class LeadBeats
{
    internal LeadBeats(IReadOnlyList<Beat> beats, IReadOnlyList<Beat> candidates, IReadOnlyList<SampleRange> gaps)
    {
        Beats = beats;
        Candidates = candidates;
        Gaps = gaps;
    }

    /// <summary>The beats in order of time.</summary>
    public IReadOnlyList<Beat> Beats { get; }

    /// <summary>Stretches of a second or longer in which the lead has one value: no signal.</summary>
    public IReadOnlyList<SampleRange> Gaps { get; }

    /// <summary>These and what else might be a beat in the light of other leads.</summary>
    internal IReadOnlyList<Beat> Candidates { get; }
}
