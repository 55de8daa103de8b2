using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Beats;

public sealed class BandsTests
{
    [Theory]
    [InlineData(100, 51), InlineData(100, 64), InlineData(150, 300), InlineData(180, 1001), InlineData(180, 92), InlineData(299, 777)]
    public void Bands_equal_the_output_of_each_filter_bit_by_bit(double rate, int length)
    {
        var random = new Random(length);
        float[] x = [.. Enumerable.Range(0, length).Select(_ => (float)random.Next(-100_000, 100_000))];
        var bands = new Bands(rate);

        // The buffers of a longer stretch do not affect the next one.
        bands.Filter([.. x, .. x]);
        bands.Filter(x);

        Check(FirFilter.BandPass(2, 20, 250, rate), bands.Flutter, sample => sample);
        Check(FirFilter.BandPass(2.5, 35, 150, rate), bands.Waveform, sample => sample);
        Check(FirFilter.BandPass(10, 30, 80, rate), bands.Qrs, Math.Abs);
        Check(FirFilter.BandPass(18, 40, 80, rate), bands.Sharp, Math.Abs);
        Check(FirFilter.BandPass(3, 10, 80, rate), bands.Slow, Math.Abs);

        void Check(FirFilter filter, ReadOnlySpan<float> band, Func<float, float> expected)
        {
            var filtered = new float[length - (2 * filter.Half)];
            filter.Apply(x, filtered);
            Assert.Equal([.. filtered.Select(expected)], band[filter.Half..^filter.Half].ToArray());
            Assert.Equal(filtered[filtered.Length / 2], filter.At(x, (filtered.Length / 2) + filter.Half));
        }
    }
}
