using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Beats;

internal static class Ranks
{
    private const int MostCounted = 64;

    /// <summary>The lower median; NaN of nothing. The values' order is lost.</summary>
    public static double LowerMedian(Span<double> values) => values.Length switch
    {
        0 => double.NaN,
        <= MostCounted => ByCounting(values),
        _ => BySelecting(values),
    };

    /// <summary>For a few dozen values: counts for one after the other how many are smaller, four at a time, and so without branches that cannot be foreseen.</summary>
    private static double ByCounting(ReadOnlySpan<double> values)
    {
        Span<double> padded = stackalloc double[MostCounted];
        padded = padded[..((values.Length + Vector256<double>.Count - 1) & -Vector256<double>.Count)];
        padded[^Vector256<double>.Count..].Fill(double.PositiveInfinity);
        values.CopyTo(padded);
        var vectors = MemoryMarshal.Cast<double, Vector256<double>>(padded);
        var wanted = (values.Length - 1) / 2;
        var (low, high) = (double.NegativeInfinity, double.PositiveInfinity);
        foreach (var value in values)
        {
            // What earlier ones rule out need not be counted.
            if (value <= low || value >= high)
            {
                continue;
            }

            var (smaller, notLarger) = (Vector256<long>.Zero, Vector256<long>.Zero);
            var all = Vector256.Create(value);
            foreach (var vector in vectors)
            {
                smaller -= Vector256.LessThan(vector, all).AsInt64();
                notLarger -= Vector256.LessThanOrEqual(vector, all).AsInt64();
            }

            if (Vector256.Sum(smaller) > wanted)
            {
                high = value;
            }
            else if (Vector256.Sum(notLarger) <= wanted)
            {
                low = value;
            }
            else
            {
                return value;
            }
        }

        // Only what is not finite can't be found so.
        return BySelecting([.. values]);
    }

    /// <summary>Quickselect.</summary>
    private static double BySelecting(Span<double> values)
    {
        var (low, high, wanted) = (0, values.Length - 1, (values.Length - 1) / 2);
        while (low < high)
        {
            var pivot = values[(low + high) / 2];
            var (i, k) = (low, high);
            while (i <= k)
            {
                while (values[i] < pivot)
                {
                    i++;
                }

                while (values[k] > pivot)
                {
                    k--;
                }

                if (i <= k)
                {
                    (values[i], values[k]) = (values[k], values[i]);
                    i++;
                    k--;
                }
            }

            (low, high) = wanted <= k ? (low, k) : wanted >= i ? (i, high) : (wanted, wanted);
        }

        return values[wanted];
    }
}
