using FsCheck.Xunit;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Signal;

/// <summary>Compares the operations with a check of every position.</summary>
public sealed class SampleRangesTests
{
    [Property]
    public bool Merged_ranges_have_the_same_positions_and_are_ascending_and_disjoint((byte First, byte Length)[] ranges)
    {
        var all = Ranges(ranges);
        var merged = SampleRanges.Merge(all);
        return Positions.All(position => SampleRanges.Contains(merged, position) == all.Any(range => range.Contains(position)))
            && merged.Zip(merged.Skip(1)).All(pair => pair.First.Last < pair.Second.First);
    }

    [Property]
    public bool The_intersection_has_the_positions_of_both_lists((byte First, byte Length)[] some, (byte First, byte Length)[] others)
    {
        var (a, b) = (SampleRanges.Merge(Ranges(some)), SampleRanges.Merge(Ranges(others)));
        var common = SampleRanges.Intersect(a, b);
        bool IsInBoth(double position) => SampleRanges.Contains(a, position) && SampleRanges.Contains(b, position);
        return Positions.All(position => SampleRanges.Contains(common, position) == IsInBoth(position));
    }

    private static IEnumerable<double> Positions => Enumerable.Range(-2, 530).Select(half => half / 2.0);

    private static List<SampleRange> Ranges((byte First, byte Length)[] ranges) =>
        [.. ranges.Select(range => new SampleRange(range.First, range.First + (range.Length % 9)))];
}
