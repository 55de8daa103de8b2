using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Beats;

internal static class Ranks
{
    private const int MostCounted = 32;

    /// <summary>The lower median; NaN of nothing. The values' order is lost.</summary>
    public static double LowerMedian(Span<double> values) => values.Length switch
    {
        0 => double.NaN,
        <= MostCounted => ByCounting(values),
        _ => BySelecting(values),
    };

    /// <summary>
    /// For a few dozen values: the largest of those that have no more than half of the others below them. All are counted, eight at a time, and so
    /// without branches that cannot be foreseen. What is not a number counts as larger than every number.
    /// </summary>
    private static double ByCounting(ReadOnlySpan<double> values)
    {
        const int Width = 2 * 4;
        Span<double> padded = stackalloc double[MostCounted];
        padded = padded[..((values.Length + Width - 1) & -Width)];
        padded[^Width..].Fill(double.NaN);
        values.CopyTo(padded);
        var wanted = Vector256.Create((values.Length - 1L) / 2);
        var (median, numbers) = (Vector256.Create(double.NegativeInfinity), Vector256<long>.Zero);
        for (var k = 0; k < padded.Length; k += Width)
        {
            var (first, second) = (Vector256.Create(padded[k..]), Vector256.Create(padded[(k + (Width / 2))..]));
            var (belowFirst, belowSecond) = (Vector256<long>.Zero, Vector256<long>.Zero);
            foreach (var value in values)
            {
                var one = Vector256.Create(value);
                belowFirst -= Vector256.LessThan(one, first).AsInt64();
                belowSecond -= Vector256.LessThan(one, second).AsInt64();
            }

            numbers -= Vector256.Equals(first, first).AsInt64() + Vector256.Equals(second, second).AsInt64();
            median = Larger(median, first, Vector256.LessThanOrEqual(belowFirst, wanted));
            median = Larger(median, second, Vector256.LessThanOrEqual(belowSecond, wanted));
        }

        // Among fewer numbers than that there is no median.
        return Vector256.Sum(numbers) > wanted[0] ? Math.Max(Math.Max(median[0], median[1]), Math.Max(median[2], median[3])) : BySelecting([.. values]);
    }

    /// <summary>In each lane the other value where it counts and is larger.</summary>
    private static Vector256<double> Larger(Vector256<double> value, Vector256<double> other, Vector256<long> counts) =>
        Vector256.ConditionalSelect(counts.AsDouble() & Vector256.GreaterThan(other, value), other, value);

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
