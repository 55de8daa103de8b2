namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>What many beats of a stretch look like.</summary>
/// <param name="Shape">Their mean.</param>
/// <param name="Amplitude">The median of their logarithmic amplitudes.</param>
internal sealed record Morphology(Shape Shape, double Amplitude);

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
    private readonly List<Group> pool = [];

    /// <summary>Puts each sure beat into the group it is most alike, and keeps the groups that are no rarities.</summary>
    public IReadOnlyList<Morphology> Find(ReadOnlySpan<Candidate> candidates)
    {
        var (count, grouped) = (0, 0);
        foreach (var beat in candidates)
        {
            if (!beat.IsBeat || beat.Score < SureFrom)
            {
                continue;
            }

            var (best, at, shift) = (SameFrom, (Group?)null, beat.Shape.Lag);
            for (var g = 0; g < count; g++)
            {
                var fit = pool[g].Mean.Fit(beat.Shape);
                (best, at, shift) = fit.Correlation > best ? (fit.Correlation, pool[g], fit.Shift) : (best, at, shift);
            }

            if (at is null && count < MostGroups)
            {
                at = Empty(count++);
            }

            at?.Add(beat, shift);
            grouped += at is null ? 0 : 1;
        }

        var least = Math.Max(SmallestCount, SmallestShare * grouped);
        return
        [
            .. pool.Take(count).Where(group => group.Amplitudes.Count >= least).OrderByDescending(group => group.Amplitudes.Count).Take(MostKept)
                .Select(group => group.Morphology()),
        ];
    }

    private Group Empty(int index)
    {
        if (index == pool.Count)
        {
            pool.Add(new Group(length));
        }

        pool[index].Clear();
        return pool[index];
    }

    private sealed class Group(int length)
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

        public Morphology Morphology()
        {
            Amplitudes.Sort();
            return new Morphology(new Shape(sum, 0), Amplitudes[Amplitudes.Count / 2]);
        }
    }
}
