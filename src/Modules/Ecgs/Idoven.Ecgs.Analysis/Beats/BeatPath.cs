namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// The most probable sequence of beats, by dynamic programming over the candidates: the sum of the beats' log-odds and, for each
/// interval, of how likely it is among the RR intervals around. The same recursion as in beat tracking of music (Ellis, 2007:
/// Beat tracking by dynamic programming), but with a heavy-tailed interval model whose width follows the rhythm: premature beats and
/// pauses cost little more than the odds of a plain beat, a long row of missed or doubled beats costs much.
/// </summary>
internal sealed class BeatPath(double rate)
{
    public const double RefractoryS = 0.2;
    private const double LongestS = 5;

    // An interval half as long again as those around, and longer, speaks for a missed beat.
    private const double MissedFrom = 0.4;
    private const double MissedCost = 4;

    private const double Weight = 0.7;
    private const double NarrowestSpread = 0.08;
    private const double WidestSpread = 0.4;
    private const int IntervalsEachSide = 8;

    // Hopeless candidates take no part.
    private const double LowestScore = -10;

    private readonly double[] logIntervals = [.. Enumerable.Range(0, (int)(LongestS * rate) + 2).Select(i => Math.Log(Math.Max(1, i) / rate))];
    private Node[] nodes = [];

    // Of the beats so far: where they are, the logarithm of the interval before each, and the rhythm around.
    private int[] beats = [];
    private double[] logs = [];
    private Rhythm[] rhythms = [];

    // Of those before them: mostly the same, and so is the rhythm.
    private int[] earlierBeats = [];
    private Rhythm[] earlierRhythms = [];
    private int earlierCount;

    /// <summary>Sets <see cref="Moment.IsBeat"/> anew.</summary>
    /// <param name="candidates">In order of time, with their scores.</param>
    /// <param name="boldness">Log-odds added to each.</param>
    /// <param name="ct">Ends it.</param>
    public void Select(ReadOnlySpan<Moment> candidates, double boldness, CancellationToken ct = default)
    {
        Prepare(candidates.Length);
        var beatCount = TakeBeats(candidates);
        var (count, next, earlierNext) = (0, 0, 0);
        for (var c = 0; c < candidates.Length; c++)
        {
            var odds = candidates[c].Score + boldness;
            if (!(odds > LowestScore))
            {
                continue;
            }

            var index = candidates[c].Index;
            while (next < beatCount && beats[next] < index)
            {
                next++;
            }

            while (earlierNext < earlierCount && earlierBeats[earlierNext] < index)
            {
                earlierNext++;
            }

            if (rhythms[next].Spread == 0)
            {
                rhythms[next] = IsAsBefore(next, beatCount, earlierNext) ? earlierRhythms[earlierNext] : RhythmAround(next, beatCount);
            }

            ct.ThrowIfCancellationRequested();
            var node = Extend(nodes.AsSpan(0, count), new Node(c, index, odds, -1), rhythms[next]);
            nodes[count] = node with { Highest = count == 0 ? node.Total : Math.Max(node.Total, nodes[count - 1].Highest) };
            count++;
        }

        earlierCount = beatCount;

        foreach (var candidate in candidates)
        {
            candidate.IsBeat = false;
        }

        var last = -1;
        for (var k = 0; k < count; k++)
        {
            last = nodes[k].Total > (last < 0 ? 0 : nodes[last].Total) ? k : last;
        }

        for (; last >= 0; last = nodes[last].Previous)
        {
            candidates[nodes[last].Candidate].IsBeat = true;
        }
    }

    /// <summary>The best way to a candidate: from nowhere, or from one of those before.</summary>
    private Node Extend(ReadOnlySpan<Node> before, Node node, Rhythm rhythm)
    {
        var (centre, spread) = (rhythm.Centre, rhythm.Spread);
        var gain = node.Total - rhythm.Cost;
        for (var i = before.Length - 1; i >= 0; i--)
        {
            // From here back none is worth enough.
            var interval = node.Index - before[i].Index;
            if (before[i].Highest + gain <= node.Total || (interval > LongestS * rate && node.Previous >= 0))
            {
                break;
            }

            // What follows only lessens the sum.
            var most = before[i].Total + gain;
            if (interval < RefractoryS * rate || most <= node.Total)
            {
                continue;
            }

            var excess = logIntervals[Math.Min(interval, logIntervals.Length - 1)] - centre;
            var deviation = excess / spread;
            var gap = Math.Clamp(excess - MissedFrom, 0, 1);
            var rarity = 1 + (deviation * deviation);
            if (most - (Weight * LeastLog(rarity)) - (MissedCost * gap) <= node.Total)
            {
                continue;
            }

            var sum = most - (Weight * Math.Log(rarity)) - (MissedCost * gap);
            if (sum > node.Total)
            {
                node = node with { Total = sum, Previous = i };
            }
        }

        return node;
    }

    /// <summary>No more than the logarithm of what is 1 or larger, by the powers of two in it: less than 1 below, and far quicker.</summary>
    private static double LeastLog(double value) => 0.693 * Math.ILogB(value);

    private void Prepare(int candidates)
    {
        if (rhythms.Length <= candidates)
        {
            (nodes, beats, logs, rhythms) = (new Node[candidates], new int[candidates], new double[candidates], new Rhythm[candidates + 1]);
            (earlierBeats, earlierRhythms, earlierCount) = (new int[candidates], new Rhythm[candidates + 1], 0);
        }

        (beats, earlierBeats) = (earlierBeats, beats);
        (rhythms, earlierRhythms) = (earlierRhythms, rhythms);
        rhythms.AsSpan(0, candidates + 1).Clear();
    }

    /// <summary>Whether the beats around are those of the last time, and the rhythm was looked at then.</summary>
    private bool IsAsBefore(int next, int count, int earlierNext)
    {
        var (before, after) = (Math.Min(next, IntervalsEachSide + 1), Math.Min(count - next, IntervalsEachSide));
        return earlierRhythms[earlierNext].Spread > 0
            && before == Math.Min(earlierNext, IntervalsEachSide + 1) && after == Math.Min(earlierCount - earlierNext, IntervalsEachSide)
            && beats.AsSpan(next - before, before + after).SequenceEqual(earlierBeats.AsSpan(earlierNext - before, before + after));
    }

    private int TakeBeats(ReadOnlySpan<Moment> candidates)
    {
        var count = 0;
        foreach (var candidate in candidates)
        {
            if (candidate.IsBeat)
            {
                beats[count] = candidate.Index;
                logs[count] = count == 0 ? 0 : LogInterval(candidate.Index - beats[count - 1]);
                count++;
            }
        }

        return count;
    }

    private double LogInterval(int samples) => samples > 0 && samples < logIntervals.Length ? logIntervals[samples] : Math.Log(samples / rate);

    /// <param name="next">The first beat from there on.</param>
    /// <param name="count">How many beats.</param>
    private Rhythm RhythmAround(int next, int count)
    {
        var (first, end) = (Math.Max(1, next - IntervalsEachSide), Math.Min(count, next + IntervalsEachSide));
        if (end - first < 3)
        {
            return new Rhythm(Math.Log(0.8), WidestSpread);
        }

        Span<double> known = stackalloc double[2 * IntervalsEachSide];
        known = known[..(end - first)];
        logs.AsSpan(first, known.Length).CopyTo(known);
        var centre = Ranks.LowerMedian(known);
        foreach (ref var log in known)
        {
            log = Math.Abs(log - centre);
        }

        return new Rhythm(centre, Math.Clamp(1.5 * Ranks.LowerMedian(known), NarrowestSpread, WidestSpread));
    }

    /// <summary>The median of the logarithms of the intervals around, and their spread about it; a spread of 0 is none.</summary>
    private readonly record struct Rhythm(double Centre, double Spread)
    {
        public double Cost { get; } = Weight * Math.Log(Spread / 0.15);
    }

    /// <summary>A candidate on the best way to it.</summary>
    /// <param name="Candidate">Which one.</param>
    /// <param name="Index">Its position.</param>
    /// <param name="Total">What the way is worth.</param>
    /// <param name="Previous">The node before it; -1 where the way begins.</param>
    private readonly record struct Node(int Candidate, int Index, double Total, int Previous)
    {
        /// <summary>The highest total of this one and all before it.</summary>
        public double Highest { get; init; }
    }
}
