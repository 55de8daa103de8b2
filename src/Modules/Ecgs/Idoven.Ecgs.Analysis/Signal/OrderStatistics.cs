using System.Buffers;

namespace Idoven.Ecgs.Analysis;

/// <summary>Exact order statistics of integer samples, each by nearest rank: always a value that occurs.</summary>
/// <param name="Minimum">The smallest sample.</param>
/// <param name="P1">The 1st percentile: the sample of rank ceil(0.01 n).</param>
/// <param name="Median">The lower median: the sample of rank ceil(n / 2).</param>
/// <param name="P99">The 99th percentile: the sample of rank ceil(0.99 n).</param>
/// <param name="Maximum">The largest sample.</param>
public sealed record OrderStatistics(int Minimum, int P1, int Median, int P99, int Maximum)
{
    // A histogram of 65,536 counters: wide enough for every ADC up to 16 bits.
    internal const int HistogramRange = 1 << 16;

    /// <summary>Computes them in two passes for signals within 16 bits of range, in five beyond; without a copy.</summary>
    /// <exception cref="ArgumentException">There is no sample.</exception>
    public static OrderStatistics Of(ReadOnlySpan<int> samples)
    {
        if (samples.IsEmpty)
        {
            throw new ArgumentException("A signal without samples has no order statistics.", nameof(samples));
        }

        var (minimum, maximum) = Extremes.Of(samples);
        Span<int> ranks = [Rank(samples.Length, 1, 100), Rank(samples.Length, 1, 2), Rank(samples.Length, 99, 100)];
        Span<int> values = stackalloc int[ranks.Length];
        Select(samples, minimum, maximum, ranks, values);
        return new OrderStatistics(minimum, values[0], values[1], values[2], maximum);
    }

    private static void Select(ReadOnlySpan<int> samples, int minimum, int maximum, ReadOnlySpan<int> ranks, Span<int> values)
    {
        // First by what is above the lowest 16 bits of the range, if anything is, then, for each rank, among those that share it.
        var shift = (uint)maximum - (uint)minimum < HistogramRange ? 0 : 16;
        var counts = ArrayPool<int>.Shared.Rent(HistogramRange);
        try
        {
            var used = counts.AsSpan(0, (int)(((uint)maximum - (uint)minimum) >> shift) + 1);
            used.Clear();
            foreach (var sample in samples)
            {
                used[(int)(((uint)sample - (uint)minimum) >> shift)]++;
            }

            Span<(int Bin, int Below)> found = stackalloc (int, int)[ranks.Length];
            for (var k = 0; k < ranks.Length; k++)
            {
                found[k] = Find(used, ranks[k]);
            }

            for (var k = 0; k < ranks.Length; k++)
            {
                values[k] = minimum + (shift == 0 ? found[k].Bin : SelectWithin(samples, minimum, found[k].Bin, ranks[k] - found[k].Below, counts));
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(counts);
        }
    }

    /// <summary>The sample of a rank among those whose distance from the minimum has the given high bits; as a distance.</summary>
    private static int SelectWithin(ReadOnlySpan<int> samples, int minimum, int high, int rank, int[] counts)
    {
        var used = counts.AsSpan(0, HistogramRange);
        used.Clear();
        foreach (var sample in samples)
        {
            var distance = (uint)sample - (uint)minimum;
            if (distance >> 16 == (uint)high)
            {
                used[(int)(distance & 0xFFFF)]++;
            }
        }

        return (high << 16) | Find(used, rank).Bin;
    }

    /// <summary>The bin in which a rank lies, and how many lie in those before it.</summary>
    private static (int Bin, int Below) Find(ReadOnlySpan<int> counts, int rank)
    {
        var (bin, below) = (0, 0);
        while (below + counts[bin] < rank)
        {
            below += counts[bin++];
        }

        return (bin, below);
    }

    /// <summary>ceil(n * part / whole), at least 1, without floating point.</summary>
    private static int Rank(int n, int part, int whole) => (int)Math.Max(1, (((long)n * part) + whole - 1) / whole);
}
