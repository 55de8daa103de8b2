using System.Runtime.InteropServices;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>What many beats of a stretch look like: a few forms.</summary>
/// <param name="Shapes">The mean of each.</param>
/// <param name="Amplitudes">The median of the logarithmic amplitudes of each.</param>
internal sealed record Morphologies(Shape[] Shapes, double[] Amplitudes)
{
    public static Morphologies None { get; } = new([], []);
}

/// <summary>Groups the sure beats of a stretch by shape.</summary>
/// <param name="length">The length that is compared.</param>
internal sealed class MorphologyFinder(int length)
{
    private const int MostGroups = 30;
    private const int MostKept = 6;
    private const double SameFrom = 0.9;
    private const double SureFrom = 3;
    private const double SmallestShare = 0.02;
    private const int SmallestCount = 3;

    // The groups serve one stretch after the other.
    private readonly List<Form> pool = [];
    private readonly Shape[] means = new Shape[MostGroups];

    // The sure beats that were grouped last, and what came of it.
    private List<int> sure = [];
    private List<int> sureBefore = [];
    private Morphologies? last;

    /// <summary>Begins with another stretch.</summary>
    public void Begin() => last = null;

    /// <summary>Puts each sure beat into the group it is most alike, and keeps the groups that are no rarities.</summary>
    /// <returns>The very same as the last time where the sure beats are.</returns>
    public Morphologies Find(ReadOnlySpan<Candidate> candidates)
    {
        (sure, sureBefore) = (sureBefore, sure);
        sure.Clear();
        for (var i = 0; i < candidates.Length; i++)
        {
            if (candidates[i].IsBeat && !(candidates[i].Score < SureFrom))
            {
                sure.Add(i);
            }
        }

        return last = last is not null && CollectionsMarshal.AsSpan(sure).SequenceEqual(CollectionsMarshal.AsSpan(sureBefore)) ? last : Group(candidates);
    }

    private Morphologies Group(ReadOnlySpan<Candidate> candidates)
    {
        var (count, grouped) = (0, 0);
        foreach (var index in sure)
        {
            var beat = candidates[index];
            var (best, fit) = Shape.Best(means.AsSpan(0, count), beat.Shape, SameFrom);
            var (at, shift) = best < 0 ? ((Form?)null, beat.Shape.Lag) : (pool[best], fit.Shift);
            if (at is null && count < MostGroups)
            {
                at = Empty(count++);
            }

            at?.Add(beat, shift);
            grouped += at is null ? 0 : 1;
        }

        var least = Math.Max(SmallestCount, SmallestShare * grouped);
        var kept = pool.Take(count).Where(group => group.Amplitudes.Count >= least).OrderByDescending(group => group.Amplitudes.Count).Take(MostKept).ToArray();
        return new Morphologies([.. kept.Select(group => group.Whole())], [.. kept.Select(group => group.MedianAmplitude())]);
    }

    private Form Empty(int index)
    {
        if (index == pool.Count)
        {
            pool.Add(new Form(length));
            means[index] = pool[index].Mean;
        }

        pool[index].Clear();
        return pool[index];
    }

    private sealed class Form(int length)
    {
        private readonly float[] sum = new float[length];

        public List<double> Amplitudes { get; } = [];

        public Shape Mean { get; } = new(length, 0);

        public void Clear()
        {
            Array.Clear(sum);
            Amplitudes.Clear();
        }

        public void Add(Candidate beat, int shift)
        {
            beat.Shape.AddTo(sum, shift);
            Amplitudes.Add(beat.Amplitude);

            // The mean settles: it is taken anew each time the number of beats has doubled.
            if (int.IsPow2(Amplitudes.Count))
            {
                Mean.Set(sum);
            }
        }

        public Shape Whole() => new(sum, 0);

        public double MedianAmplitude()
        {
            Amplitudes.Sort();
            return Amplitudes[Amplitudes.Count / 2];
        }
    }
}
