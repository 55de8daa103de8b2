using System.Runtime.InteropServices;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>Represents the templates of a stretch: the mean waveforms of its most frequent groups of beats.</summary>
/// <param name="Waveforms">The mean waveform of each group.</param>
/// <param name="Amplitudes">The median logarithmic amplitude of each group.</param>
internal sealed record BeatTemplates(Waveform[] Waveforms, double[] Amplitudes)
{
    public static BeatTemplates None { get; } = new([], []);
}

/// <summary>Groups the beats of a stretch that have high log-odds by the correlation of their waveforms.</summary>
/// <param name="length">The number of samples that are compared.</param>
internal sealed class TemplateFinder(int length)
{
    private const int MostGroups = 30;
    private const int MostKept = 6;
    private const double SameGroupFrom = 0.9;
    private const double CertainFrom = 3;
    private const double SmallestShare = 0.02;
    private const int SmallestCount = 3;

    // Groups are reused from stretch to stretch.
    private readonly List<Group> pool = [];
    private readonly Waveform[] means = new Waveform[MostGroups];

    // The indices of the beats that were grouped last, and the result.
    private List<int> certain = [];
    private List<int> certainBefore = [];
    private BeatTemplates? last;

    /// <summary>Starts with another stretch.</summary>
    public void Reset() => last = null;

    /// <summary>Adds each beat with high log-odds to the most similar group, and returns the groups that are large enough.</summary>
    /// <returns>The same instance as last time if the grouped beats are the same.</returns>
    public BeatTemplates Find(ReadOnlySpan<Candidate> candidates)
    {
        (certain, certainBefore) = (certainBefore, certain);
        certain.Clear();
        for (var i = 0; i < candidates.Length; i++)
        {
            if (candidates[i].IsBeat && !(candidates[i].Score < CertainFrom))
            {
                certain.Add(i);
            }
        }

        var isSame = last is not null && CollectionsMarshal.AsSpan(certain).SequenceEqual(CollectionsMarshal.AsSpan(certainBefore));
        return last = isSame ? last! : GroupBeats(candidates);
    }

    private BeatTemplates GroupBeats(ReadOnlySpan<Candidate> candidates)
    {
        var (count, grouped) = (0, 0);
        foreach (var index in certain)
        {
            var beat = candidates[index];
            var (best, match) = Waveform.FindBestMatch(means.AsSpan(0, count), beat.Waveform, SameGroupFrom);
            var (at, shift) = best < 0 ? ((Group?)null, beat.Waveform.Lag) : (pool[best], match.Shift);
            if (at is null && count < MostGroups)
            {
                at = GetEmptyGroup(count++);
            }

            at?.Add(beat, shift);
            grouped += at is null ? 0 : 1;
        }

        var least = Math.Max(SmallestCount, SmallestShare * grouped);
        var kept = pool.Take(count)
            .Where(group => group.Amplitudes.Count >= least)
            .OrderByDescending(group => group.Amplitudes.Count)
            .Take(MostKept)
            .ToArray();
        return new BeatTemplates([.. kept.Select(group => group.ToWaveform())], [.. kept.Select(group => group.MedianAmplitude())]);
    }

    private Group GetEmptyGroup(int index)
    {
        if (index == pool.Count)
        {
            pool.Add(new Group(length));
            means[index] = pool[index].Mean;
        }

        pool[index].Clear();
        return pool[index];
    }

    private sealed class Group(int length)
    {
        private readonly float[] sum = new float[length];

        public List<double> Amplitudes { get; } = [];

        public Waveform Mean { get; } = new(length, 0);

        public void Clear()
        {
            Array.Clear(sum);
            Amplitudes.Clear();
        }

        public void Add(Candidate beat, int shift)
        {
            beat.Waveform.AddTo(sum, shift);
            Amplitudes.Add(beat.Amplitude);

            // The mean converges, so it is only updated each time the number of beats has doubled.
            if (int.IsPow2(Amplitudes.Count))
            {
                Mean.Set(sum);
            }
        }

        public Waveform ToWaveform() => new(sum, 0);

        public double MedianAmplitude()
        {
            Amplitudes.Sort();
            return Amplitudes[Amplitudes.Count / 2];
        }
    }
}
