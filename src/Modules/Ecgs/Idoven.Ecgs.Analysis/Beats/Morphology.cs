namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>What many beats of a stretch look like.</summary>
/// <param name="Shape">Their mean.</param>
/// <param name="Amplitude">The median of their logarithmic amplitudes.</param>
internal sealed record Morphology(Shape Shape, double Amplitude)
{
    private const int MostGroups = 30;
    private const int MostKept = 6;
    private const double SameFrom = 0.9;
    private const double SureFrom = 3;
    private const double SmallestShare = 0.02;
    private const int SmallestCount = 3;

    /// <summary>Groups the sure beats by shape, each into the group it is most alike, and keeps the groups that are no rarities.</summary>
    public static IReadOnlyList<Morphology> Of(ReadOnlySpan<Candidate> candidates)
    {
        var groups = new List<Group>();
        foreach (var beat in candidates)
        {
            if (!beat.IsBeat || beat.Score < SureFrom)
            {
                continue;
            }

            var (best, at, shift) = (SameFrom, (Group?)null, beat.Shape.Lag);
            foreach (var group in groups)
            {
                var fit = group.Mean.Fit(beat.Shape);
                (best, at, shift) = fit.Correlation > best ? (fit.Correlation, group, fit.Shift) : (best, at, shift);
            }

            if (at is null && groups.Count < MostGroups)
            {
                at = new Group(beat.Shape.Length);
                groups.Add(at);
            }

            at?.Add(beat, shift);
        }

        var least = Math.Max(SmallestCount, SmallestShare * groups.Sum(group => group.Amplitudes.Count));
        return
        [
            .. groups.Where(group => group.Amplitudes.Count >= least).OrderByDescending(group => group.Amplitudes.Count).Take(MostKept)
                .Select(group => group.Morphology()),
        ];
    }

    private sealed class Group(int length)
    {
        private readonly float[] sum = new float[length];

        public List<double> Amplitudes { get; } = [];

        public Shape Mean { get; } = new(length, 0);

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
