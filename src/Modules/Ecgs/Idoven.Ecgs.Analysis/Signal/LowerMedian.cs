using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Signal;

/// <summary>Computes the lower median of a few values without an allocation.</summary>
internal static class LowerMedian
{
    private const int MostCounted = 32;

    /// <summary>Returns the lower median; NaN for no values. It changes the order of the values.</summary>
    public static double Compute(Span<double> values) => values.Length switch
    {
        0 => double.NaN,
        <= MostCounted => ByCounting(values),
        _ => BySelecting(values),
    };

    /// <summary>
    /// For up to 32 values: the largest value with at most half of the others below it. All values are compared, eight at a time, without
    /// unpredictable branches. NaN is treated as larger than every number.
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

        // If most values are NaN, the median is not among the numbers.
        return Vector256.Sum(numbers) > wanted[0]
            ? Math.Max(Math.Max(median[0], median[1]), Math.Max(median[2], median[3]))
            : BySelecting([.. values]);
    }

    /// <summary>Returns in each lane the other value if it is eligible and larger.</summary>
    private static Vector256<double> Larger(Vector256<double> value, Vector256<double> other, Vector256<long> isEligible) =>
        Vector256.ConditionalSelect(isEligible.AsDouble() & Vector256.GreaterThan(other, value), other, value);

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
