namespace Idoven.Ecgs.Analysis.Accuracy;

/// <summary>Says of intervals, asked for in order of time, in which of them there is a gap: one walk over both lists.</summary>
/// <param name="gaps">In order of time and apart.</param>
internal sealed class GapWalk(IReadOnlyList<SampleRange> gaps)
{
    private int next;

    /// <summary>Whether a gap reaches into the interval; one that ends where it begins, or begins where it ends, does not.</summary>
    public bool Breaks(double start, double end)
    {
        while (next < gaps.Count && gaps[next].Last <= start)
        {
            next++;
        }

        return next < gaps.Count && gaps[next].First < end;
    }
}
