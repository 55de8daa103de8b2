using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Finds the most probable sequence of beats by dynamic programming over the candidates. It maximises the sum of the beats' log-odds and
/// of the log-likelihood of each interval among the RR intervals around. The recursion is that of beat tracking in music (Ellis, 2007:
/// Beat tracking by dynamic programming). Deviation: the interval model has heavy tails and a width that follows the rhythm, so premature
/// beats and pauses cost little more than the log-odds of one beat, while a long series of missed or doubled beats costs a lot.
/// </summary>
internal sealed class BeatPath(double rate)
{
    /// <summary>The shortest interval between two beats in seconds.</summary>
    public const double RefractoryS = 0.2;

    private const double LongestS = 5;

    // An interval that is longer than those around by a factor of 1.5 (0.4 in logarithms) or more indicates a missed beat.
    private const double MissedFrom = 0.4;
    private const double MissedCost = 4;

    private const double Weight = 0.7;
    private const double NarrowestSpread = 0.08;
    private const double WidestSpread = 0.4;
    private const int IntervalsEachSide = 8;

    // Candidates with lower log-odds are never beats.
    private const double LowestScore = -10;

    private readonly double[] logIntervals =
        [.. Enumerable.Range(0, (int)(LongestS * rate) + 2).Select(i => Math.Log(Math.Max(1, i) / rate))];

    private Node[] nodes = [];

    // For each currently selected beat: its position, the logarithm of the interval before it, and the rhythm around it.
    private int[] beats = [];
    private double[] logs = [];
    private Rhythm[] rhythms = [];

    // The same from the call before: mostly unchanged, so the rhythms can be reused.
    private int[] earlierBeats = [];
    private Rhythm[] earlierRhythms = [];
    private int earlierCount;

    /// <summary>Sets <see cref="BeatCandidate.IsBeat"/> of each candidate.</summary>
    /// <param name="candidates">In order of time, with their scores and the current selection.</param>
    /// <param name="bias">Added to the log-odds of each.</param>
    /// <param name="ct">Checked for each candidate.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Select(ReadOnlySpan<BeatCandidate> candidates, double bias, CancellationToken ct = default)
    {
        Prepare(candidates.Length);
        var beatCount = CollectBeats(candidates);
        var (count, next, earlierNext) = (0, 0, 0);
        for (var c = 0; c < candidates.Length; c++)
        {
            var odds = candidates[c].Score + bias;
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
                rhythms[next] = IsUnchanged(next, beatCount, earlierNext) ? earlierRhythms[earlierNext] : RhythmAround(next, beatCount);
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

    /// <summary>
    /// Returns the best path to a candidate: one that starts there, or one that extends the path to an earlier candidate.
    /// </summary>
    private Node Extend(ReadOnlySpan<Node> before, Node node, Rhythm rhythm)
    {
        var (centre, spread) = (rhythm.Centre, rhythm.Spread);
        var gain = node.Total - rhythm.Cost;
        for (var i = before.Length - 1; i >= 0; i--)
        {
            // No earlier candidate can have a higher total.
            var interval = node.Index - before[i].Index;
            if (before[i].Highest + gain <= node.Total || (interval > LongestS * rate && node.Previous >= 0))
            {
                break;
            }

            // The remaining terms only lower the sum.
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

    /// <summary>
    /// Returns a lower bound of the logarithm of a value of 1 or more, from its binary exponent: off by less than 1, and fast.
    /// </summary>
    private static double LeastLog(double value) => 0.693 * Math.ILogB(value);

    private void Prepare(int candidates)
    {
        if (rhythms.Length <= candidates)
        {
            (nodes, beats, logs) = (new Node[candidates], new int[candidates], new double[candidates]);
            rhythms = new Rhythm[candidates + 1];
            (earlierBeats, earlierRhythms, earlierCount) = (new int[candidates], new Rhythm[candidates + 1], 0);
        }

        (beats, earlierBeats) = (earlierBeats, beats);
        (rhythms, earlierRhythms) = (earlierRhythms, rhythms);
        rhythms.AsSpan(0, candidates + 1).Clear();
    }

    /// <summary>Returns whether the beats around are those of the call before, and their rhythm was computed then.</summary>
    private bool IsUnchanged(int next, int count, int earlierNext)
    {
        var (before, after) = (Math.Min(next, IntervalsEachSide + 1), Math.Min(count - next, IntervalsEachSide));
        return earlierRhythms[earlierNext].Spread > 0
            && before == Math.Min(earlierNext, IntervalsEachSide + 1) && after == Math.Min(earlierCount - earlierNext, IntervalsEachSide)
            && beats.AsSpan(next - before, before + after).SequenceEqual(earlierBeats.AsSpan(earlierNext - before, before + after));
    }

    private int CollectBeats(ReadOnlySpan<BeatCandidate> candidates)
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

    private double LogInterval(int samples) =>
        samples > 0 && samples < logIntervals.Length ? logIntervals[samples] : Math.Log(samples / rate);

    /// <summary>Computes the rhythm around a position.</summary>
    /// <param name="next">The first beat from there on.</param>
    /// <param name="count">The number of beats.</param>
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
        var centre = LowerMedian.Compute(known);
        foreach (ref var log in known)
        {
            log = Math.Abs(log - centre);
        }

        return new Rhythm(centre, Math.Clamp(1.5 * LowerMedian.Compute(known), NarrowestSpread, WidestSpread));
    }

    /// <summary>
    /// The median of the logarithms of the intervals around, and their spread about it; a spread of 0 means not computed.
    /// </summary>
    private readonly record struct Rhythm(double Centre, double Spread)
    {
        public double Cost { get; } = Weight * Math.Log(Spread / 0.15);
    }

    /// <summary>The end of the best path to a candidate.</summary>
    /// <param name="Candidate">Index of the candidate.</param>
    /// <param name="Index">Its position.</param>
    /// <param name="Total">Log-likelihood of the path.</param>
    /// <param name="Previous">The node before it; -1 if the path starts here.</param>
    private readonly record struct Node(int Candidate, int Index, double Total, int Previous)
    {
        /// <summary>The highest total of this node and all nodes before it.</summary>
        public double Highest { get; init; }
    }
}
