using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Rhythm;

namespace Idoven.Ecgs.Analysis.Tests.Rhythm;

/// <summary>Tests on both sides of each limit of the search for a pacemaker's spikes. One sample is one millisecond.</summary>
public sealed class PacingSpikesLimitTests
{
    private const int SamplingFrequency = 1000;
    private const int Period = 1000;
    private const int Spike = 1000;

    [Theory]
    [InlineData(50, true)]
    [InlineData(49, false)]
    public void A_spike_is_at_least_50_ms_before_its_beat(int beforeMs, bool isPaced) =>
        Assert.Equal(isPaced, IsPaced(Enumerable.Repeat(beforeMs, 10)));

    [Theory]
    [InlineData(6, 113, true)]
    [InlineData(5, 113, false)]
    [InlineData(5, 112, true)]
    public void Six_of_ten_spikes_are_within_12_ms_of_the_median_distance(int at100Ms, int otherMs, bool isPaced) =>
        Assert.Equal(isPaced, IsPaced([.. Enumerable.Repeat(100, at100Ms), .. Enumerable.Repeat(otherMs, 10 - at100Ms)]));

    [Theory]
    [InlineData(500, true)]
    [InlineData(501, false)]
    public void A_spike_is_twice_as_steep_as_the_qrs_complex(int qrs, bool isPaced) =>
        Assert.Equal(isPaced, IsPaced(Enumerable.Repeat(100, 10), qrs: qrs));

    /// <summary>A square wave of 12 ms is as steep everywhere as it is high from peak to peak.</summary>
    [Theory]
    [InlineData(900, true)]
    [InlineData(899, false)]
    public void A_spike_is_ten_times_as_steep_as_what_is_around_it(int spike, bool isPaced) =>
        Assert.Equal(isPaced, IsPaced(Enumerable.Repeat(100, 10), spike: spike, squareWave: 100));

    private static bool IsPaced(IEnumerable<int> beforeMs, int spike = Spike, int qrs = 0, int squareWave = 0)
    {
        int[] distances = [.. beforeMs];
        var samples = new int[(distances.Length + 1) * Period];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = squareWave / 2 * (i % 12 < 6 ? 1 : -1);
        }

        Beat[] beats = [.. distances.Index().Select(beat => new Beat((beat.Index + 1) * Period, 0))];
        foreach (var (beat, distance) in beats.Zip(distances))
        {
            samples[(int)beat.Sample] += qrs;
            samples[(int)beat.Sample - distance] += samples[(int)beat.Sample - distance] < 0 ? -spike : spike;
        }

        return PacingSpikes.Precede(samples, beats, SamplingFrequency);
    }
}
