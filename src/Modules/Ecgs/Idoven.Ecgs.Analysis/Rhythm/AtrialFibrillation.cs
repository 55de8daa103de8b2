using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Rhythm;

/// <summary>
/// Detects disordered normal beats as in atrial fibrillation by the entropy of words of three heart rates (Zhou et al., 2014: Automatic
/// online detection of atrial fibrillation based on symbolic dynamics and Shannon entropy). Deviations: only intervals between two normal
/// beats are used, so that ectopic beats do not count as disorder, and the limit is higher, in particular with fewer beats than the
/// source's 127.
/// </summary>
internal static class AtrialFibrillation
{
    /// <summary>The smallest number of words from which disorder is computed.</summary>
    public const int FewestWords = 20;

    private const int Window = 127;
    private const double Limit = 0.7;
    private const double ShortLimit = 0.8;
    private const double BpmOfSymbol = 5;
    private const int HighestSymbol = 63;
    private const double LongestS = 3;

    /// <summary>n log2 n for each n.</summary>
    private static readonly double[] Weights = [.. Enumerable.Range(0, Window + 3).Select(n => n == 0 ? 0 : n * Math.Log2(n))];

    /// <summary>Returns for each beat whether the beats around it are disordered.</summary>
    /// <param name="beats">The beats, in order of time.</param>
    /// <param name="classes">Their classes.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
    /// <returns>Null if there are too few intervals between normal beats.</returns>
    public static bool[]? Find(IReadOnlyList<Beat> beats, IReadOnlyList<BeatClass> classes, double samplingFrequency)
    {
        var (words, ends) = Words(beats, classes, samplingFrequency);
        if (words.Count < FewestWords)
        {
            return null;
        }

        var window = Math.Min(Window, beats.Count - 1);
        var (least, limit) = (Math.Max(FewestWords, window / 3), window < Window ? ShortLimit : Limit);
        var counts = new Dictionary<int, int>();
        var (first, end, sum) = (0, 0, 0.0);
        var isFound = new bool[beats.Count];
        for (var i = 0; i < isFound.Length; i++)
        {
            // The words that end in the window around this beat. At either end of the recording the window is moved inside.
            var from = Math.Clamp(i - (window / 2), 0, beats.Count - 1 - window);
            for (; first < end && ends[first] < from; first++)
            {
                var count = counts[words[first]];
                sum += Weights[count - 1] - Weights[count];
                if (count == 1)
                {
                    counts.Remove(words[first]);
                }
                else
                {
                    counts[words[first]] = count - 1;
                }
            }

            for (; end < words.Count && ends[end] <= from + window; end++)
            {
                var count = counts.GetValueOrDefault(words[end]);
                counts[words[end]] = count + 1;
                sum += Weights[count + 1] - Weights[count];
            }

            // Shannon entropy by its maximum, times the share of distinct words.
            var total = end - first;
            isFound[i] = total >= least && (Math.Log2(total) - (sum / total)) * counts.Count / (total * Math.Log2(total)) > limit;
        }

        return isFound;
    }

    /// <summary>Returns a word for each three successive intervals between normal beats, and the beat at which it ends.</summary>
    private static (List<int> Words, List<int> Ends) Words(
        IReadOnlyList<Beat> beats, IReadOnlyList<BeatClass> classes, double samplingFrequency)
    {
        var (words, ends) = (new List<int>(), new List<int>());
        var (word, symbols) = (0, 0);
        for (var i = 1; i < beats.Count; i++)
        {
            var seconds = (beats[i].Sample - beats[i - 1].Sample) / samplingFrequency;
            if (classes[i - 1] != BeatClass.N || classes[i] != BeatClass.N || seconds >= LongestS)
            {
                continue;
            }

            word = ((word << 6) | Math.Min(HighestSymbol, (int)(60 / seconds / BpmOfSymbol))) & 0x3FFFF;
            if (++symbols >= 3)
            {
                words.Add(word);
                ends.Add(i);
            }
        }

        return (words, ends);
    }
}
