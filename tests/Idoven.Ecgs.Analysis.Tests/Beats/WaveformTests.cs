using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Tests.Beats;

/// <summary>Compares matches, which are computed four at a time, with the definition of each.</summary>
public sealed class WaveformTests
{
    // Even and odd lengths, and shifts that fill less than a vector, one vector, and more.
    public static TheoryData<int, int> Sizes => new() { { 37, 3 }, { 36, 3 }, { 20, 0 }, { 61, 5 }, { 9, 2 } };

    [Theory, MemberData(nameof(Sizes))]
    public void The_match_is_the_highest_correlation_over_all_shifts(int length, int lag)
    {
        var one = Signal(length + (2 * lag), 1);
        var others = Enumerable.Range(2, 4).Select(seed => Signal(length + (2 * lag), seed)).ToArray();
        var matches = new WaveformMatch[Waveform.AtOnce];
        var waveforms = others.Select(other => new Waveform(other, lag)).ToArray();
        new Waveform(one, lag).Correlate(waveforms[0], waveforms[1], waveforms[2], waveforms[3], matches);
        for (var i = 0; i < others.Length; i++)
        {
            Check(one, others[i], lag, matches[i]);
            Assert.Equal(matches[i], new Waveform(one, lag).Correlate(waveforms[i]));
        }
    }

    [Theory, MemberData(nameof(Sizes))]
    public void The_best_match_is_the_first_waveform_with_the_highest_correlation(int length, int lag)
    {
        var other = Signal(length + (2 * lag), 1);
        for (var count = 0; count < 10; count++)
        {
            // The first waveforms are repeated at the end.
            var many = Enumerable.Range(0, count).Select(i => Signal(length, 2 + (i % 6))).ToArray();
            var (index, match) = Waveform.FindBestMatch([.. many.Select(one => new Waveform(one, 0))], new Waveform(other, lag), -2);
            var correlations = many.Select(one => Correlations(one, 0, other, lag).Max()).ToArray();
            Assert.Equal(count == 0 ? -1 : Array.IndexOf(correlations, correlations.Max()), index);
            if (index >= 0)
            {
                Check(many[index], other, lag, match, ownLag: 0);
                Assert.Equal(-1, Waveform.FindBestMatch([new Waveform(many[index], 0)], new Waveform(other, lag), match.Correlation).Index);
            }
        }
    }

    [Fact]
    public void A_flat_waveform_has_a_correlation_of_zero()
    {
        Assert.Equal(0, new Waveform(Signal(21, 1), 0).Correlate(new Waveform(new float[25], 2)).Correlation);
        Assert.Equal(0, new Waveform(new float[21], 0).Correlate(new Waveform(Signal(25, 1), 2)).Correlation);
    }

    [Fact]
    public void A_waveform_with_replaced_samples_is_correlated_again()
    {
        var (waveform, other) = (new Waveform(Signal(37, 1), 0), new Waveform(Signal(43, 2), 3));
        _ = waveform.Correlate(other);
        waveform.Set(Signal(37, 3));
        other.Set(Signal(43, 4));
        Assert.Equal(new Waveform(Signal(37, 3), 0).Correlate(new Waveform(Signal(43, 4), 3)), waveform.Correlate(other));
    }

    [Theory, MemberData(nameof(Sizes))]
    public void An_added_waveform_has_norm_one_at_its_shift(int length, int lag)
    {
        var (signal, sum) = (Signal(length + (2 * lag), 1), new float[length]);
        new Waveform(signal, lag).AddTo(sum, lag);
        new Waveform(signal, lag).AddTo(sum, lag);
        var middle = signal[lag..^lag];
        var norm = Math.Sqrt(middle.Sum(sample => Math.Pow(sample - middle.Average(), 2)));
        Assert.All(sum.Zip(middle), pair => Assert.Equal(2 * pair.Second / norm, pair.First, 1e-5));
    }

    private static void Check(float[] one, float[] other, int lag, WaveformMatch match, int? ownLag = null)
    {
        var correlations = Correlations(one, ownLag ?? lag, other, lag);
        Assert.Equal(correlations.Max(), match.Correlation, 1e-5);
        Assert.Equal(correlations.Max(), correlations[match.Shift], 1e-5);
    }

    /// <summary>Returns the correlations of the middle of one signal with another one at each shift.</summary>
    private static double[] Correlations(float[] one, int ownLag, float[] other, int lag)
    {
        var middle = one[ownLag..^ownLag];
        return [.. Enumerable.Range(0, (2 * lag) + 1).Select(shift => Pearson(middle, other[shift..(shift + middle.Length)]))];
    }

    private static double Pearson(float[] x, float[] y)
    {
        var (meanX, meanY) = (x.Average(sample => (double)sample), y.Average(sample => (double)sample));
        double Product(float[] a, double meanA, float[] b, double meanB) => a.Zip(b, (p, q) => (p - meanA) * (q - meanB)).Sum();
        return Product(x, meanX, y, meanY) / Math.Sqrt(Product(x, meanX, x, meanX) * Product(y, meanY, y, meanY));
    }

    private static float[] Signal(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)random.Next(-1000, 1000))];
    }
}
