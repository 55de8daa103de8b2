namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>The beats found on one lead.</summary>
public sealed class LeadBeats
{
    internal LeadBeats(IReadOnlyList<Beat> beats, IReadOnlyList<Beat> candidates)
    {
        Beats = beats;
        Candidates = candidates;
    }

    /// <summary>The beats in order of time.</summary>
    public IReadOnlyList<Beat> Beats { get; }

    /// <summary>These and what else might be a beat in the light of other leads.</summary>
    internal IReadOnlyList<Beat> Candidates { get; }
}
