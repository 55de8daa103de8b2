namespace Idoven.Ecgs.Analysis.Signal;

/// <summary>Operations on lists of disjoint ranges in ascending order.</summary>
internal static class SampleRanges
{
    /// <summary>Sorts ranges and merges those that overlap.</summary>
    public static IReadOnlyList<SampleRange> Merge(IEnumerable<SampleRange> ranges)
    {
        var merged = new List<SampleRange>();
        foreach (var range in ranges.OrderBy(range => range.First))
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last)
            {
                merged[^1] = merged[^1] with { Last = Math.Max(merged[^1].Last, range.Last) };
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    /// <summary>Returns whether a range contains a position.</summary>
    public static bool Contains(IReadOnlyList<SampleRange> ranges, double position)
    {
        int low = 0, high = ranges.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ranges[middle].Last < position ? (middle + 1, high) : (low, middle);
        }

        return low < ranges.Count && ranges[low].Contains(position);
    }

    /// <summary>Returns the ranges that both lists contain.</summary>
    public static IReadOnlyList<SampleRange> Intersect(IReadOnlyList<SampleRange> some, IReadOnlyList<SampleRange> others)
    {
        var common = new List<SampleRange>();
        for (int i = 0, k = 0; i < some.Count && k < others.Count;)
        {
            var range = new SampleRange(Math.Max(some[i].First, others[k].First), Math.Min(some[i].Last, others[k].Last));
            if (range.First <= range.Last)
            {
                common.Add(range);
            }

            (i, k) = some[i].Last < others[k].Last ? (i + 1, k) : (i, k + 1);
        }

        return common;
    }
}
