using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Tests.Insights;

namespace Idoven.Ecgs.Analysis.Tests.Rhythm;

/// <summary>Tests on both sides of each limit of the search for atrial fibrillation.</summary>
public sealed class AtrialFibrillationLimitTests
{
    /// <summary>
    /// The heart rates of random intervals are in classes of 5 bpm, from here up to a class below <see cref="HighestRateClass"/>.
    /// </summary>
    private const int LowestRateClass = 10;
    private const int HighestRateClass = 40;

    /// <summary>
    /// With k equal words among n, all others different, the measure is (log2 n - k log2 k / n) (n - k + 1) / (n log2 n). The limit is
    /// 0.7 in a window of 127 intervals (125 words): 25 equal words give 0.7003, 26 give 0.6877. In a shorter recording it is 0.8: of
    /// 124 words 17 equal ones give 0.8008, 18 give 0.7878.
    /// </summary>
    [Theory]
    [InlineData(127, 25, true)]
    [InlineData(127, 26, false)]
    [InlineData(126, 17, true)]
    [InlineData(126, 18, false)]
    public void Atrial_fibrillation_is_found_above_the_limit_of_the_entropy_measure(int intervals, int equalWords, bool isFound)
    {
        var rrIntervalsMs = Enumerable.Repeat(1000.0, equalWords + 2).Concat(WithDifferentWords(intervals - equalWords - 2));

        Assert.Equal([isFound], Find(rrIntervalsMs)!.Distinct());
    }

    /// <summary>44 intervals between normal beats make 42 words, a third of the window.</summary>
    [Theory]
    [InlineData(44, true)]
    [InlineData(43, false)]
    public void A_window_needs_words_for_a_third_of_its_intervals(int normalIntervals, bool isFound)
    {
        var found = Find(WithDifferentWords(127), ventricularFrom: normalIntervals + 1)!;

        Assert.Equal([isFound], found.Distinct());
    }

    [Theory]
    [InlineData(2999, true)]
    [InlineData(3000, false)]
    public void An_interval_of_3_s_is_not_in_a_word(double longestMs, bool isKnown)
    {
        // 22 intervals are the 20 words without which there is no result.
        var found = Find(WithDifferentWords(21).Append(longestMs));

        Assert.Equal(isKnown, found is not null);
    }

    [Fact]
    public void An_episode_lasts_at_least_30_s()
    {
        var (longerThan25, longerThan30) = (0, 0);
        for (var irregular = 100; irregular < 220; irregular++)
        {
            double[] rrIntervalsMs = [.. Enumerable.Repeat(400.0, 200), .. WithDifferentWords(irregular), .. Enumerable.Repeat(400.0, 200)];
            var recording = KnownBeats.Recording(rrIntervalsMs);
            var isFound = AtrialFibrillation.Find(recording.Beats!, recording.Classes!, KnownBeats.SamplingFrequency)!;
            var first = Array.IndexOf(isFound, true);
            var lastingMs = first < 0 ? 0 : recording.Beats![Array.LastIndexOf(isFound, true)].Sample - recording.Beats![first].Sample;

            Assert.Equal(lastingMs >= 30_000 ? 1 : 0, recording.FindAtrialFibrillation()!.EpisodeCount);
            longerThan25 += lastingMs is >= 25_000 and < 30_000 ? 1 : 0;
            longerThan30 += lastingMs is >= 30_000 and < 35_000 ? 1 : 0;
        }

        Assert.InRange(longerThan25, 1, int.MaxValue);
        Assert.InRange(longerThan30, 1, int.MaxValue);
    }

    private static bool[]? Find(IEnumerable<double> rrIntervalsMs, int ventricularFrom = int.MaxValue)
    {
        var beats = KnownBeats.WithIntervals(rrIntervalsMs);
        return AtrialFibrillation.Find(
            beats, [.. beats.Select((_, i) => i < ventricularFrom ? BeatClass.N : BeatClass.V)], KnownBeats.SamplingFrequency);
    }

    /// <summary>Creates intervals of which no three in a row have the same heart rates as another three.</summary>
    private static IEnumerable<double> WithDifferentWords(int count)
    {
        var (random, words) = (new Random(1), new HashSet<(int, int, int)>());
        var (before, last) = (0, 0);
        while (count > 0)
        {
            var next = random.Next(LowestRateClass, HighestRateClass);
            if (words.Add((before, last, next)))
            {
                (before, last) = (last, next);
                count--;
                yield return 60_000 / ((next * 5) + 2.5);
            }
        }
    }
}
