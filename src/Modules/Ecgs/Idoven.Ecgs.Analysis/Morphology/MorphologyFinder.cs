using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Classes;

/// <summary>
/// Describes how each beat of a stretch looks beside the others. Beats are grouped by their form, as a reader of a long recording does
/// (templates, Hamilton, 2002: Open source ECG analysis); the form that most beats have which don't come early prevails.
/// </summary>
internal sealed class FormFinder(double rate)
{
    private const double HalfMs = 150;
    private const double LagMs = 16;
    private const double SameFrom = 0.9;
    private const int MostGroups = 40;
    private const int IntervalsEachSide = 8;
    private const double EarlyBelow = 0.9;

    private readonly int reach = Samples(HalfMs, rate) + Samples(LagMs, rate);
    private readonly Shape shape = new((2 * (Samples(HalfMs, rate) + Samples(LagMs, rate))) + 1, Samples(LagMs, rate));
    private readonly Shape mean = new((2 * Samples(HalfMs, rate)) + 1, 0);
    private readonly Shape form = new((2 * Samples(HalfMs, rate)) + 1, 0);

    // The groups of a stretch; they serve one after the other.
    private readonly List<Group> groups = [];
    private readonly List<Group> pool = [];
    private readonly Shape[] settled = new Shape[MostGroups];
    private BeatForm[] forms = [];
    private Group[] members = [];
    private double[] slowness = [];

    /// <param name="beats">The beats of a stretch, in order of time.</param>
    /// <param name="finder">It found them last.</param>
    /// <returns>One for each beat; good until the next call.</returns>
    public ReadOnlySpan<BeatForm> Find(ReadOnlySpan<Candidate> beats, CandidateFinder finder)
    {
        if (beats.IsEmpty)
        {
            return [];
        }

        if (forms.Length < beats.Length)
        {
            (forms, members, slowness) = (new BeatForm[beats.Length], new Group[beats.Length], new double[beats.Length]);
        }

        groups.Clear();
        for (var i = 0; i < beats.Length; i++)
        {
            shape.Set(finder.Around(beats[i], reach));
            var (group, likeness) = GroupOf();
            group.Count++;
            group.EarlyCount += IsEarly(beats, i) ? 1 : 0;
            (members[i], forms[i]) = (group, new BeatForm(0, 0, 0, 0, likeness));
        }

        var prevailing = groups.MaxBy(group => (2 * (group.Count - group.EarlyCount)) - group.EarlyCount)!;
        mean.Set(prevailing.Sum);
        var usual = Slowness(beats, prevailing);
        var width = Width(mean);
        foreach (var group in groups)
        {
            form.Set(group.Sum);
            group.Unlikeness = (float)(1 - form.Fit(mean).Correlation);
            group.Width = (float)Math.Log(Width(form) / width);
        }

        for (var i = 0; i < beats.Length; i++)
        {
            var (group, slow) = (members[i], (float)(beats[i].Slow - beats[i].Energy - usual));
            forms[i] = new BeatForm(group.Unlikeness, group.Width, slow, (float)group.EarlyCount / group.Count, forms[i].Likeness);
        }

        return forms.AsSpan(0, beats.Length);
    }

    private (Group Group, float Likeness) GroupOf()
    {
        var (best, fit) = Shape.Best(settled.AsSpan(0, groups.Count), shape, double.NegativeInfinity);
        var (at, likeness, shift) = best < 0 ? (null, 1, shape.Lag) : (groups[best], fit.Correlation, fit.Shift);
        if (at is null || (likeness < SameFrom && groups.Count < MostGroups))
        {
            at = Empty();
            groups.Add(at);
            shift = shape.Lag;
        }

        at.Add(shape, shift);
        return (at, Math.Clamp(likeness, 0, 1));
    }

    private Group Empty()
    {
        if (groups.Count == pool.Count)
        {
            pool.Add(new Group(shape.Length));
            settled[groups.Count] = pool[groups.Count].Settled;
        }

        pool[groups.Count].Clear();
        return pool[groups.Count];
    }

    /// <summary>Whether the interval before a beat is shorter than the mean of those around.</summary>
    private static bool IsEarly(ReadOnlySpan<Candidate> beats, int i)
    {
        var (first, last) = (Math.Max(0, i - IntervalsEachSide), Math.Min(beats.Length - 1, i + IntervalsEachSide));
        return i > 0 && beats[i].Index - beats[i - 1].Index < EarlyBelow * ((double)(beats[last].Index - beats[first].Index) / (last - first));
    }

    /// <summary>The median of the group's slow band against the QRS band.</summary>
    private double Slowness(ReadOnlySpan<Candidate> beats, Group group)
    {
        var count = 0;
        for (var i = 0; i < beats.Length; i++)
        {
            if (members[i] == group)
            {
                slowness[count++] = beats[i].Slow - beats[i].Energy;
            }
        }

        return Ranks.LowerMedian(slowness.AsSpan(0, count));
    }

    private static int Samples(double ms, double rate) => (int)Math.Round(ms * rate / 1000);

    /// <summary>The width of a rectangle of the same height and area.</summary>
    private static double Width(Shape form)
    {
        double area = 0, peak = 0;
        foreach (var sample in form.Samples)
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

        public int EarlyCount { get; set; }

        public float Unlikeness { get; set; }

        public float Width { get; set; }

        /// <summary>The mean when the number of its beats last doubled.</summary>
        public Shape Settled { get; } = new(length, 0);

        public void Clear()
        {
            Array.Clear(Sum);
            (added, Count, EarlyCount) = (0, 0, 0);
        }

        public void Add(Shape shape, int shift)
        {
            shape.AddTo(Sum, shift);
            if (int.IsPow2(++added))
            {
                Settled.Set(Sum);
            }
        }
    }
}
