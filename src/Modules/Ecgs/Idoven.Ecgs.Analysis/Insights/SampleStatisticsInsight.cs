using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents statistics of a lead's samples in their unit (definition stat-1).</summary>
/// <param name="Minimum">The smallest sample.</param>
/// <param name="Maximum">The largest sample.</param>
/// <param name="PeakToPeak">Maximum - minimum.</param>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="Median">The lower median, by nearest rank.</param>
/// <param name="P1">1st percentile, by nearest rank.</param>
/// <param name="P99">99th percentile, by nearest rank.</param>
/// <param name="StandardDeviation">Standard deviation with n - 1; null for a single sample.</param>
/// <param name="Rms">Root mean square.</param>
public sealed record SampleStatistics(
    int Minimum, int Maximum, long PeakToPeak, double Mean, int Median, int P1, int P99, double? StandardDeviation, double Rms);

/// <summary>Computes sample statistics of a lead. Sums are exact integers, so the order of the samples has no influence.</summary>
public sealed class SampleStatisticsInsight : ILeadInsight<SampleStatistics>
{
    // The largest number whose square fits an int.
    private const int LargestSmall = 46_340;

    /// <inheritdoc/>
    public string Name => "statistics";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions { get; } = ["stat-1"];

    /// <inheritdoc/>
    public SampleStatistics Example { get; } =
        new(481, 1311, 830, Mean: 962.74, Median: 957, P1: 915, P99: 1189, StandardDeviation: 38.64, Rms: 963.52);

    /// <inheritdoc/>
    public IReadOnlyList<InsightColumn> Columns { get; } =
    [
        InsightColumn.Integer<SampleStatistics>("min", statistics => statistics.Minimum),
        InsightColumn.Integer<SampleStatistics>("max", statistics => statistics.Maximum),
        InsightColumn.Number<SampleStatistics>("mean", statistics => statistics.Mean),
        InsightColumn.Number<SampleStatistics>("SD", statistics => statistics.StandardDeviation),
    ];

    /// <inheritdoc/>
    public SampleStatistics Compute(LeadSignal lead, CancellationToken ct = default)
    {
        var order = lead.Order;
        var n = lead.Samples.Length;
        long sum = 0;
        UInt128 squares = 0;
        var isSmall = order.Minimum >= -LargestSmall && order.Maximum <= LargestSmall;
        foreach (var part in lead.Parts(ct))
        {
            var (ofPart, squaresOfPart) = isSmall ? SumsOfSmall(part.Span) : Sums(part.Span);
            sum += ofPart;
            squares += squaresOfPart;
        }

        var total = (UInt128)Int128.Abs((Int128)sum * sum);
        double? deviation = n == 1 ? null : Math.Sqrt((double)((squares * (uint)n) - total) / ((double)n * (n - 1)));
        return new SampleStatistics(
            order.Minimum, order.Maximum, (long)order.Maximum - order.Minimum, (double)sum / n, order.Median, order.P1, order.P99,
            deviation, Math.Sqrt((double)squares / n));
    }

    private static (long Sum, UInt128 Squares) Sums(ReadOnlySpan<int> samples)
    {
        long sum = 0;
        UInt128 squares = 0;
        ulong partial = 0;
        foreach (var sample in samples)
        {
            sum += sample;
            var square = (ulong)((long)sample * sample);

            // A square has at most 63 bits: carry to 128 bits before 64 bits overflow.
            if (partial > ulong.MaxValue - square)
            {
                squares += partial;
                partial = 0;
            }

            partial += square;
        }

        return (sum, squares + partial);
    }

    /// <summary>Returns the sums of samples whose squares fit an int, eight at a time.</summary>
    private static (long Sum, UInt128 Squares) SumsOfSmall(ReadOnlySpan<int> samples)
    {
        var (sums, squares) = (Vector256<long>.Zero, Vector256<long>.Zero);
        for (; samples.Length >= Vector256<int>.Count; samples = samples[Vector256<int>.Count..])
        {
            var vector = Vector256.Create(samples);
            var (low, high) = Vector256.Widen(vector);
            sums += low + high;
            (low, high) = Vector256.Widen(vector * vector);
            squares += low + high;
        }

        var (sum, rest) = Sums(samples);
        return (Vector256.Sum(sums) + sum, (UInt128)Vector256.Sum(squares) + rest);
    }
}
