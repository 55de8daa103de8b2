using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Morphology;

/// <summary>
/// Measures the morphology of each beat of a stretch. Beats are grouped by the correlation of their waveforms (templates; Hamilton, 2002:
/// Open source ECG analysis). The group with the most beats that are not premature is the dominant one.
/// </summary>
internal sealed class MorphologyFinder(double rate)
{
    private const double HalfMs = 150;
    private const double LagMs = 16;
    private const double SameGroupFrom = 0.9;
    private const int MostGroups = 40;
    private const int IntervalsEachSide = 8;
    private const double PrematureBelow = 0.9;

    private readonly int reach = Samples(HalfMs, rate) + Samples(LagMs, rate);
    private readonly Waveform waveform = new((2 * (Samples(HalfMs, rate) + Samples(LagMs, rate))) + 1, Samples(LagMs, rate));
    private readonly Waveform dominantMean = new((2 * Samples(HalfMs, rate)) + 1, 0);
    private readonly Waveform groupMean = new((2 * Samples(HalfMs, rate)) + 1, 0);

    // Groups and buffers are reused from stretch to stretch.
    private readonly List<Group> groups = [];
    private readonly List<Group> pool = [];
    private readonly Waveform[] means = new Waveform[MostGroups];
    private BeatMorphology[] morphologies = [];
    private Group[] members = [];
    private double[] slowness = [];

    /// <summary>Measures the beats of a stretch.</summary>
    /// <param name="beats">The beats, in order of time.</param>
    /// <param name="finder">The finder whose current stretch has the beats.</param>
    /// <returns>One for each beat. Valid until the next call.</returns>
    public ReadOnlySpan<BeatMorphology> Find(ReadOnlySpan<Candidate> beats, CandidateFinder finder)
    {
        if (beats.IsEmpty)
        {
            return [];
        }

        if (morphologies.Length < beats.Length)
        {
            (morphologies, members) = (new BeatMorphology[beats.Length], new Group[beats.Length]);
            slowness = new double[beats.Length];
        }

        groups.Clear();
        for (var i = 0; i < beats.Length; i++)
        {
            waveform.Set(finder.ReadWaveform(beats[i], reach));
            var (group, similarity) = AddToGroup();
            group.Count++;
            group.PrematureCount += IsPremature(beats, i) ? 1 : 0;
            (members[i], morphologies[i]) = (group, new BeatMorphology(0, 0, 0, 0, similarity));
        }

        var dominant = groups.MaxBy(group => (2 * (group.Count - group.PrematureCount)) - group.PrematureCount)!;
        dominantMean.Set(dominant.Sum);
        var dominantSlowness = MedianSlowness(beats, dominant);
        var width = Width(dominantMean);
        foreach (var group in groups)
        {
            groupMean.Set(group.Sum);
            group.Dissimilarity = (float)(1 - groupMean.Correlate(dominantMean).Correlation);
            group.Width = (float)Math.Log(Width(groupMean) / width);
        }

        for (var i = 0; i < beats.Length; i++)
        {
            var (group, slow) = (members[i], (float)(beats[i].Slow - beats[i].Energy - dominantSlowness));
            var prematurity = (float)group.PrematureCount / group.Count;
            morphologies[i] = new BeatMorphology(group.Dissimilarity, group.Width, slow, prematurity, morphologies[i].Similarity);
        }

        return morphologies.AsSpan(0, beats.Length);
    }

    /// <summary>Adds the current waveform to the most similar group, or to a new one.</summary>
    private (Group Group, float Similarity) AddToGroup()
    {
        var (best, match) = Waveform.FindBestMatch(means.AsSpan(0, groups.Count), waveform, double.NegativeInfinity);
        var (at, similarity, shift) = best < 0 ? (null, 1, waveform.Lag) : (groups[best], match.Correlation, match.Shift);
        if (at is null || (similarity < SameGroupFrom && groups.Count < MostGroups))
        {
            at = GetEmptyGroup();
            groups.Add(at);
            shift = waveform.Lag;
        }

        at.Add(waveform, shift);
        return (at, Math.Clamp(similarity, 0, 1));
    }

    private Group GetEmptyGroup()
    {
        if (groups.Count == pool.Count)
        {
            pool.Add(new Group(waveform.Length));
            means[groups.Count] = pool[groups.Count].Mean;
        }

        pool[groups.Count].Clear();
        return pool[groups.Count];
    }

    /// <summary>Returns whether the interval before a beat is clearly shorter than the mean of the intervals around.</summary>
    private static bool IsPremature(ReadOnlySpan<Candidate> beats, int i)
    {
        var (first, last) = (Math.Max(0, i - IntervalsEachSide), Math.Min(beats.Length - 1, i + IntervalsEachSide));
        return i > 0
            && beats[i].Index - beats[i - 1].Index < PrematureBelow * ((double)(beats[last].Index - beats[first].Index) / (last - first));
    }

    /// <summary>Returns the median logarithm of the slow band by the QRS band in a group.</summary>
    private double MedianSlowness(ReadOnlySpan<Candidate> beats, Group group)
    {
        var count = 0;
        for (var i = 0; i < beats.Length; i++)
        {
            if (members[i] == group)
            {
                slowness[count++] = beats[i].Slow - beats[i].Energy;
            }
        }

        return LowerMedian.Compute(slowness.AsSpan(0, count));
    }

    private static int Samples(double ms, double rate) => (int)Math.Round(ms * rate / 1000);

    /// <summary>Returns the width of a rectangle with the same height and area, in samples.</summary>
    private static double Width(Waveform waveform)
    {
        double area = 0, peak = 0;
        foreach (var sample in waveform.Samples)
        {
            area += Math.Abs(sample);
            peak = Math.Max(peak, Math.Abs(sample));
        }

        return peak > 0 ? area / peak : 1;
    }

    private sealed class Group(int length)
    {
        private int added;

        public float[] Sum { get; } = new float[length];

        public int Count { get; set; }

        public int PrematureCount { get; set; }

        public float Dissimilarity { get; set; }

        public float Width { get; set; }

        /// <summary>The mean, updated each time the number of beats has doubled.</summary>
        public Waveform Mean { get; } = new(length, 0);

        public void Clear()
        {
            Array.Clear(Sum);
            (added, Count, PrematureCount) = (0, 0, 0);
        }

        public void Add(Waveform waveform, int shift)
        {
            waveform.AddTo(Sum, shift);
            if (int.IsPow2(++added))
            {
                Mean.Set(Sum);
            }
        }
    }
}
