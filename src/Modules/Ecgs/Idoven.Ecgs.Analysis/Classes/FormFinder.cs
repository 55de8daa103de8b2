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

    private readonly int half = (int)Math.Round(HalfMs * rate / 1000);
    private readonly int lag = (int)Math.Round(LagMs * rate / 1000);

    /// <summary>Samples needed on each side of a beat.</summary>
    public int Reach => half + lag;

    /// <param name="beats">The beats of a stretch, in order of time.</param>
    /// <param name="around">The signal around a beat, <see cref="Reach"/> on each side.</param>
    /// <returns>One for each beat.</returns>
    public BeatForm[] Find(IReadOnlyList<Candidate> beats, Func<Candidate, float[]> around)
    {
        if (beats.Count == 0)
        {
            return [];
        }

        var isEarly = Early(beats);
        var groups = new List<Group>();
        var members = new Group[beats.Count];
        var likeness = new float[beats.Count];
        for (var i = 0; i < beats.Count; i++)
        {
            (members[i], likeness[i]) = GroupOf(groups, new Shape(around(beats[i]), lag));
            members[i].Count++;
            members[i].EarlyCount += isEarly[i] ? 1 : 0;
        }

        var prevailing = groups.MaxBy(group => (2 * (group.Count - group.EarlyCount)) - group.EarlyCount)!;
        var mean = prevailing.Mean();
        var slowness = Ranks.LowerMedian([.. Enumerable.Range(0, beats.Count).Where(i => members[i] == prevailing).Select(i => beats[i].Slow - beats[i].Energy)]);
        var width = Width(mean);
        foreach (var group in groups)
        {
            var form = group.Mean();
            group.Unlikeness = (float)(1 - form.Fit(mean).Correlation);
            group.Width = (float)Math.Log(Width(form) / width);
        }

        return
        [
            .. beats.Select((beat, i) => new BeatForm(
                members[i].Unlikeness, members[i].Width, (float)(beat.Slow - beat.Energy - slowness), (float)members[i].EarlyCount / members[i].Count, likeness[i])),
        ];
    }

    private (Group Group, float Likeness) GroupOf(List<Group> groups, Shape shape)
    {
        var (best, at, shift) = (groups.Count == 0 ? 1 : double.NegativeInfinity, (Group?)null, lag);
        foreach (var group in groups)
        {
            var fit = group.Settled.Fit(shape);
            (best, at, shift) = fit.Correlation > best ? (fit.Correlation, group, fit.Shift) : (best, at, shift);
        }

        if (at is null || (best < SameFrom && groups.Count < MostGroups))
        {
            at = new Group(shape.Length);
            groups.Add(at);
            shift = lag;
        }

        at.Add(shape, shift);
        return (at, (float)Math.Clamp(best, 0, 1));
    }

    /// <summary>Whether the interval before a beat is shorter than the mean of those around.</summary>
    private static bool[] Early(IReadOnlyList<Candidate> beats)
    {
        var isEarly = new bool[beats.Count];
        for (var i = 1; i < beats.Count; i++)
        {
            var (first, last) = (Math.Max(0, i - IntervalsEachSide), Math.Min(beats.Count - 1, i + IntervalsEachSide));
            var mean = (double)(beats[last].Index - beats[first].Index) / (last - first);
            isEarly[i] = beats[i].Index - beats[i - 1].Index < EarlyBelow * mean;
        }

        return isEarly;
    }

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
        public Shape Settled { get; private set; } = new([], 0);

        public Shape Mean() => new([.. sum], 0);

        public void Add(Shape shape, int shift)
        {
            shape.AddTo(sum, shift);
            if (int.IsPow2(++added))
            {
                Settled = Mean();
            }
        }
    }
}
