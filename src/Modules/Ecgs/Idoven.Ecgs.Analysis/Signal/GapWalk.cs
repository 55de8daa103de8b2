namespace Idoven.Ecgs.Analysis.Signal;

/// <summary>Finds the intervals that contain a gap. Intervals are passed in order of time, so one walk over the gaps is enough.</summary>
/// <param name="gaps">Disjoint, in order of time.</param>
internal sealed class GapWalk(IReadOnlyList<SampleRange> gaps)
{
    private int next;

    /// <summary>Returns whether a gap overlaps the interval; one that only touches its start or end does not.</summary>
    public bool HasGap(double start, double end)
    {
        while (next < gaps.Count && gaps[next].Last <= start)
        {
            next++;
        }

        return next < gaps.Count && gaps[next].First < end;
    }
}
