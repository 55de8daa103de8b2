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
    // A histogram of four million counters is 16 MiB: wide enough for every ADC up to 22 bits.
    internal const int HistogramRange = 1 << 22;

    /// <summary>Computes them in two passes for signals within 22 bits of range, by sorting a copy beyond.</summary>
    /// <exception cref="ArgumentException">There is no sample.</exception>
    public static OrderStatistics Of(ReadOnlySpan<int> samples)
    {
        if (samples.IsEmpty)
        {
            throw new ArgumentException("A signal without samples has no order statistics.", nameof(samples));
        }

        int minimum = int.MaxValue, maximum = int.MinValue;
        foreach (var sample in samples)
        {
            minimum = Math.Min(minimum, sample);
            maximum = Math.Max(maximum, sample);
        }

        return (long)maximum - minimum < HistogramRange ? ByHistogram(samples, minimum, maximum) : BySorting(samples);
    }

    private static OrderStatistics ByHistogram(ReadOnlySpan<int> samples, int minimum, int maximum)
    {
        var counts = ArrayPool<int>.Shared.Rent(maximum - minimum + 1);
        try
        {
            var used = counts.AsSpan(0, maximum - minimum + 1);
            used.Clear();
            foreach (var sample in samples)
            {
                used[sample - minimum]++;
            }

            Span<int> ranks = [Rank(samples.Length, 1, 100), Rank(samples.Length, 1, 2), Rank(samples.Length, 99, 100)];
            Span<int> values = stackalloc int[ranks.Length];
            long below = 0;
            for (int value = 0, next = 0; next < ranks.Length; value++)
            {
                below += used[value];
                while (next < ranks.Length && below >= ranks[next])
                {
                    values[next++] = minimum + value;
                }
            }

            return new OrderStatistics(minimum, values[0], values[1], values[2], maximum);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(counts);
        }
    }

    private static OrderStatistics BySorting(ReadOnlySpan<int> samples)
    {
        var sorted = ArrayPool<int>.Shared.Rent(samples.Length);
        try
        {
            var span = sorted.AsSpan(0, samples.Length);
            samples.CopyTo(span);
            span.Sort();
            return new OrderStatistics(
                span[0], span[Rank(span.Length, 1, 100) - 1], span[Rank(span.Length, 1, 2) - 1], span[Rank(span.Length, 99, 100) - 1], span[^1]);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(sorted);
        }
    }

    /// <summary>ceil(n * part / whole), at least 1, without floating point.</summary>
    private static int Rank(int n, int part, int whole) => (int)Math.Max(1, (((long)n * part) + whole - 1) / whole);
}
