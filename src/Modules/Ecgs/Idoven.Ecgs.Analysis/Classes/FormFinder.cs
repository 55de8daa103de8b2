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

    /// <param name="beats">The beats of a stretch, in order of time.</param>
    /// <param name="finder">It found them last.</param>
    /// <returns>One for each beat.</returns>
    public BeatForm[] Find(ReadOnlySpan<Candidate> beats, CandidateFinder finder)
    {
        if (beats.IsEmpty)
        {
            return [];
        }

        var isEarly = Early(beats);
        var groups = new List<Group>();
        var members = new Group[beats.Length];
        var likeness = new float[beats.Length];
        for (var i = 0; i < beats.Length; i++)
        {
            shape.Set(finder.Around(beats[i], reach));
            (members[i], likeness[i]) = GroupOf(groups);
            members[i].Count++;
            members[i].EarlyCount += isEarly[i] ? 1 : 0;
        }

        var prevailing = groups.MaxBy(group => (2 * (group.Count - group.EarlyCount)) - group.EarlyCount)!;
        var mean = prevailing.Mean();
        var slowness = Slowness(beats, members, prevailing);
        var width = Width(mean);
        foreach (var group in groups)
        {
            var form = group.Mean();
            group.Unlikeness = (float)(1 - form.Fit(mean).Correlation);
            group.Width = (float)Math.Log(Width(form) / width);
        }

        var forms = new BeatForm[beats.Length];
        for (var i = 0; i < forms.Length; i++)
        {
            var (group, slow) = (members[i], (float)(beats[i].Slow - beats[i].Energy - slowness));
            forms[i] = new BeatForm(group.Unlikeness, group.Width, slow, (float)group.EarlyCount / group.Count, likeness[i]);
        }

        return forms;
    }

    private (Group Group, float Likeness) GroupOf(List<Group> groups)
    {
        var (best, at, shift) = (groups.Count == 0 ? 1 : double.NegativeInfinity, (Group?)null, shape.Lag);
        foreach (var group in groups)
        {
            var fit = group.Settled.Fit(shape);
            (best, at, shift) = fit.Correlation > best ? (fit.Correlation, group, fit.Shift) : (best, at, shift);
        }

        if (at is null || (best < SameFrom && groups.Count < MostGroups))
        {
            at = new Group(shape.Length);
            groups.Add(at);
            shift = shape.Lag;
        }

        at.Add(shape, shift);
        return (at, (float)Math.Clamp(best, 0, 1));
    }

    /// <summary>Whether the interval before a beat is shorter than the mean of those around.</summary>
    private static bool[] Early(ReadOnlySpan<Candidate> beats)
    {
        var isEarly = new bool[beats.Length];
        for (var i = 1; i < beats.Length; i++)
        {
            var (first, last) = (Math.Max(0, i - IntervalsEachSide), Math.Min(beats.Length - 1, i + IntervalsEachSide));
            var mean = (double)(beats[last].Index - beats[first].Index) / (last - first);
            isEarly[i] = beats[i].Index - beats[i - 1].Index < EarlyBelow * mean;
        }

        return isEarly;
    }

    /// <summary>The median of the group's slow band against the QRS band.</summary>
    private static double Slowness(ReadOnlySpan<Candidate> beats, Group[] members, Group group)
    {
        var values = new double[group.Count];
        var count = 0;
        for (var i = 0; i < beats.Length; i++)
        {
            if (members[i] == group)
            {
                values[count++] = beats[i].Slow - beats[i].Energy;
            }
        }

        return Ranks.LowerMedian(values);
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
        private readonly float[] sum = new float[length];
        private int added;

        public int Count { get; set; }

        public int EarlyCount { get; set; }

        public float Unlikeness { get; set; }

        public float Width { get; set; }

        /// <summary>The mean when the number of its beats last doubled.</summary>
        public Shape Settled { get; } = new(length, 0);

        public Shape Mean() => new(sum, 0);

        public void Add(Shape shape, int shift)
        {
            shape.AddTo(sum, shift);
            if (int.IsPow2(++added))
            {
                Settled.Set(sum);
            }
        }
    }
}
