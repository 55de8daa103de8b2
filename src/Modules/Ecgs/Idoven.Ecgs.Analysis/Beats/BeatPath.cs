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

    /// <summary>Sets <see cref="Moment.IsBeat"/> anew.</summary>
    /// <param name="candidates">In order of time, with their scores.</param>
    /// <param name="boldness">Log-odds added to each.</param>
    public void Select(Moment[] candidates, double boldness)
    {
        var (centres, spreads) = Rhythm(candidates);
        var nodes = Enumerable.Range(0, candidates.Length).Where(i => candidates[i].Score + boldness > LowestScore).ToArray();
        var total = new double[nodes.Length];
        var previous = new int[nodes.Length];
        for (var k = 0; k < nodes.Length; k++)
        {
            var candidate = candidates[nodes[k]];
            var odds = candidate.Score + boldness;
            var (centre, spread) = (centres[nodes[k]], spreads[nodes[k]]);
            var spreadCost = Weight * Math.Log(spread / 0.15);
            (total[k], previous[k]) = (odds, -1);
            for (var i = k - 1; i >= 0; i--)
            {
                var interval = candidate.Index - candidates[nodes[i]].Index;
                if (interval > LongestS * rate && previous[k] >= 0)
                {
                    break;
                }

                if (interval < RefractoryS * rate || total[i] + odds - spreadCost <= total[k])
                {
                    continue;
                }

                var excess = logIntervals[Math.Min(interval, logIntervals.Length - 1)] - centre;
                var deviation = excess / spread;
                var gap = Math.Clamp(excess - MissedFrom, 0, 1);
                var sum = total[i] + odds - spreadCost - (Weight * Math.Log(1 + (deviation * deviation))) - (MissedCost * gap);
                if (sum > total[k])
                {
                    (total[k], previous[k]) = (sum, i);
                }
            }
        }

        foreach (var candidate in candidates)
        {
            candidate.IsBeat = false;
        }

        var last = -1;
        for (var k = 0; k < nodes.Length; k++)
        {
            last = total[k] > (last < 0 ? 0 : total[last]) ? k : last;
        }

        for (; last >= 0; last = previous[last])
        {
            candidates[nodes[last]].IsBeat = true;
        }
    }

    /// <summary>For each candidate the median of the logarithms of the intervals around, and their spread about it.</summary>
    private (double[] Centres, double[] Spreads) Rhythm(Moment[] candidates)
    {
        var beats = candidates.Where(candidate => candidate.IsBeat).ToArray();
        var centres = new double[candidates.Length];
        var spreads = new double[candidates.Length];
        Span<double> logs = stackalloc double[2 * IntervalsEachSide];
        var next = 0;
        for (var i = 0; i < candidates.Length; i++)
        {
            var isSame = i > 0;
            while (next < beats.Length && beats[next].Index < candidates[i].Index)
            {
                next++;
                isSame = false;
            }

            if (isSame)
            {
                (centres[i], spreads[i]) = (centres[i - 1], spreads[i - 1]);
                continue;
            }

            var count = 0;
            for (var k = Math.Max(1, next - IntervalsEachSide); k < Math.Min(beats.Length, next + IntervalsEachSide); k++)
            {
                logs[count++] = Math.Log((beats[k].Index - beats[k - 1].Index) / rate);
            }

            if (count < 3)
            {
                (centres[i], spreads[i]) = (Math.Log(0.8), WidestSpread);
                continue;
            }

            var known = logs[..count];
            centres[i] = Ranks.LowerMedian(known);
            for (var k = 0; k < count; k++)
            {
                known[k] = Math.Abs(known[k] - centres[i]);
            }

            spreads[i] = Math.Clamp(1.5 * Ranks.LowerMedian(known), NarrowestSpread, WidestSpread);
        }

        return (centres, spreads);
    }
}
