using System.Buffers;

namespace Idoven.Ecgs.Analysis.Signal;

/// <summary>Represents exact order statistics of integer samples by nearest rank, so that each is a value of the signal.</summary>
/// <param name="Minimum">The smallest sample.</param>
/// <param name="P1">The 1st percentile: the sample of rank ceil(0.01 n).</param>
/// <param name="Median">The lower median: the sample of rank ceil(n / 2).</param>
/// <param name="P99">The 99th percentile: the sample of rank ceil(0.99 n).</param>
/// <param name="Maximum">The largest sample.</param>
public sealed record OrderStatistics(int Minimum, int P1, int Median, int P99, int Maximum)
{
    // A histogram of 65,536 counters: wide enough for every ADC up to 16 bits.
    internal const int HistogramRange = 1 << 16;

    /// <summary>
    /// Computes the statistics without a copy: in two passes for signals with a range of 16 bits, in five passes otherwise.
    /// </summary>
    /// <exception cref="ArgumentException">There is no sample.</exception>
    public static OrderStatistics Compute(ReadOnlySpan<int> samples)
    {
        if (samples.IsEmpty)
        {
            throw new ArgumentException("A signal without samples has no order statistics.", nameof(samples));
        }

        var (minimum, maximum) = Extremes.Find(samples);
        Span<int> ranks = [Rank(samples.Length, 1, 100), Rank(samples.Length, 1, 2), Rank(samples.Length, 99, 100)];
        Span<int> values = stackalloc int[ranks.Length];
        Select(samples, minimum, maximum, ranks, values);
        return new OrderStatistics(minimum, values[0], values[1], values[2], maximum);
    }

    private static void Select(ReadOnlySpan<int> samples, int minimum, int maximum, ReadOnlySpan<int> ranks, Span<int> values)
    {
        // First by the bits above the lowest 16 bits of the range, if it has more, then for each rank among the samples with the same
        // upper bits.
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
                var (bin, below) = found[k];
                values[k] = minimum + (shift == 0 ? bin : SelectWithin(samples, minimum, bin, ranks[k] - below, counts));
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(counts);
        }
    }

    /// <summary>
    /// Returns the sample of a rank among those whose distance from the minimum has the given upper bits, as a distance from the minimum.
    /// </summary>
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

    /// <summary>Returns the bin that contains a rank, and the number of samples in the bins before it.</summary>
    private static (int Bin, int Below) Find(ReadOnlySpan<int> counts, int rank)
    {
        var (bin, below) = (0, 0);
        while (below + counts[bin] < rank)
        {
            below += counts[bin++];
        }

        return (bin, below);
    }

    /// <summary>Returns ceil(n * part / whole), at least 1, without floating point.</summary>
    private static int Rank(int n, int part, int whole) => (int)Math.Max(1, (((long)n * part) + whole - 1) / whole);
}
