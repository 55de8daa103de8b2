using System.Numerics;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Decides which candidates are beats, looking both ways in time. Each candidate has log-odds by how it compares with the beats and the
/// other peaks around it (adaptive levels as in Pan and Tompkins, 1985: A real-time QRS detection algorithm; likeness to
/// neighbouring beats instead of a learnt template); the beats are the most probable sequence under these odds and
/// a renewal model of the RR intervals around (<see cref="BeatPath"/>). Levels, likeness and intervals need beats, so this
/// repeats: cautious at first, bolder when there are beats to compare with. It replaces thresholds, search back and T wave rules.
/// </summary>
internal sealed class BeatSelector(double rate, int lag)
{
    // Log-odds added in each round.
    private static readonly double[] Boldness = [-1, 0, 1, 2, 2, 1, 1];

    private const int NeighboursEachSide = 8;
    private const int AlikeCount = 4;
    private const int NoiseEachSide = 16;
    private const double CompetitionS = 0.36;

    private readonly BeatPath path = new(rate);

    /// <summary>Sets <see cref="Candidate.IsBeat"/> and <see cref="Candidate.Score"/> of each candidate.</summary>
    /// <param name="candidates">In order of time.</param>
    public void Select(IReadOnlyList<Candidate> candidates)
    {
        Begin(candidates);
        foreach (var boldness in Boldness)
        {
            Score(candidates);
            path.Select(candidates, boldness);
        }
    }

    /// <summary>A first guess: peaks that stand alone and reach 40 % of the highest peaks around.</summary>
    private void Begin(IReadOnlyList<Candidate> candidates)
    {
        const double WindowS = 1.5, AloneS = 0.25, Share = 0.4;
        const int WindowsEachSide = 6;
        var highest = new Dictionary<int, double>();
        int Window(Candidate candidate) => (int)Math.Floor(candidate.Index / (WindowS * rate));
        foreach (var candidate in candidates)
        {
            highest[Window(candidate)] = Math.Max(highest.GetValueOrDefault(Window(candidate)), candidate.Energy);
        }

        Span<double> around = stackalloc double[(2 * WindowsEachSide) + 1];
        for (var i = 0; i < candidates.Count; i++)
        {
            var count = 0;
            for (var w = Window(candidates[i]) - WindowsEachSide; w <= Window(candidates[i]) + WindowsEachSide; w++)
            {
                if (highest.TryGetValue(w, out var energy))
                {
                    around[count++] = energy;
                }
            }

            candidates[i].IsBeat =
                candidates[i].Energy >= Share * Median(around[..count]) && Math.Max(Before(candidates, i, AloneS), After(candidates, i, AloneS)) <= candidates[i].Energy;
        }
    }

    private void Score(IReadOnlyList<Candidate> candidates)
    {
        var beats = Enumerable.Range(0, candidates.Count).Where(i => candidates[i].IsBeat).ToArray();
        var next = 0;
        Span<int> near = stackalloc int[2 * NeighboursEachSide];
        for (var i = 0; i < candidates.Count; i++)
        {
            while (next < beats.Length && beats[next] < i)
            {
                next++;
            }

            var count = 0;
            var after = next < beats.Length && beats[next] == i ? next + 1 : next;
            for (var k = 0; k < NeighboursEachSide; k++)
            {
                if (next - 1 - k >= 0)
                {
                    near[count++] = beats[next - 1 - k];
                }

                if (after + k < beats.Length)
                {
                    near[count++] = beats[after + k];
                }
            }

            candidates[i].Score = Score(candidates, i, near[..count]);
        }
    }

    private double Score(IReadOnlyList<Candidate> candidates, int i, ReadOnlySpan<int> near)
    {
        var features = Features(candidates, i, near);
        var score = Weights[0];
        for (var k = 0; k < features.Length; k++)
        {
            score += Weights[k + 1] * features[k];
        }

        return score;
    }

    internal static double[] Weights = [-3.02, 1.97, 4.38, 5.02, 3.54, 3.34, -2.74, 1.44];

    internal double[] Features(IReadOnlyList<Candidate> candidates, int i, ReadOnlySpan<int> near)
    {
        var candidate = candidates[i];
        var likeness = Likeness(candidates, i, near);
        return
        [
            Log(candidate.Energy, Noise(candidates, i)),
            likeness.Correlation,
            Math.Min(0, Log(candidate.Energy, Before(candidates, i, CompetitionS))),
            Math.Min(0, Log(candidate.Energy, After(candidates, i, CompetitionS))),
            Log(candidate.Amplitude, Level(candidates, near, c => c.Amplitude)),
            Log(candidate.Slow, Level(candidates, near, c => c.Slow)),
            -Math.Abs(Log(candidate.Amplitude, likeness.Amplitude)),
        ];
    }

    /// <summary>ln(a / b) within -3 and 3; 0 where there is nothing to compare with.</summary>
    private static double Log(double a, double b) => b <= 0 ? 0 : a <= 0 ? -3 : Math.Clamp(Math.Log(a / b), -3, 3);

    private static double Level(IReadOnlyList<Candidate> candidates, ReadOnlySpan<int> near, Func<Candidate, double> of)
    {
        Span<double> values = stackalloc double[near.Length];
        for (var k = 0; k < near.Length; k++)
        {
            values[k] = of(candidates[near[k]]);
        }

        return Median(values);
    }

    /// <summary>Median envelope of the peaks around that are no beats.</summary>
    private static double Noise(IReadOnlyList<Candidate> candidates, int i)
    {
        Span<double> values = stackalloc double[2 * NoiseEachSide];
        var count = 0;
        for (var k = Math.Max(0, i - NoiseEachSide); k <= Math.Min(candidates.Count - 1, i + NoiseEachSide); k++)
        {
            if (k != i && !candidates[k].IsBeat)
            {
                values[count++] = candidates[k].Energy;
            }
        }

        return Median(values[..count]);
    }

    private double Before(IReadOnlyList<Candidate> candidates, int i, double seconds)
    {
        var highest = 0.0;
        for (var k = i - 1; k >= 0 && candidates[i].Index - candidates[k].Index <= seconds * rate; k--)
        {
            highest = Math.Max(highest, candidates[k].Energy);
        }

        return highest;
    }

    private double After(IReadOnlyList<Candidate> candidates, int i, double seconds)
    {
        var highest = 0.0;
        for (var k = i + 1; k < candidates.Count && candidates[k].Index - candidates[i].Index <= seconds * rate; k++)
        {
            highest = Math.Max(highest, candidates[k].Energy);
        }

        return highest;
    }

    /// <summary>Correlation with the mean of the neighbouring beats that are most alike, each moved to where it fits best, and their median amplitude.</summary>
    private (double Correlation, double Amplitude) Likeness(IReadOnlyList<Candidate> candidates, int i, ReadOnlySpan<int> near)
    {
        if (near.Length < 2)
        {
            return (0.5, 0);
        }

        var shape = candidates[i].Shape;
        var length = shape.Length - (2 * lag);
        var centre = shape.AsSpan(lag, length);
        Span<(double Correlation, int Neighbour, int Shift)> best = stackalloc (double, int, int)[AlikeCount];
        best.Fill((double.NegativeInfinity, -1, 0));
        foreach (var neighbour in near)
        {
            var fit = (Correlation: double.NegativeInfinity, Neighbour: neighbour, Shift: 0);
            for (var shift = 0; shift <= 2 * lag; shift++)
            {
                var correlation = Correlation(centre, candidates[neighbour].Shape.AsSpan(shift, length));
                fit = correlation > fit.Correlation ? (correlation, neighbour, shift) : fit;
            }

            for (var k = 0; k < best.Length; k++)
            {
                if (fit.Correlation > best[k].Correlation)
                {
                    (best[k], fit) = (fit, best[k]);
                }
            }
        }

        Span<float> mean = stackalloc float[length];
        mean.Clear();
        Span<double> amplitudes = stackalloc double[AlikeCount];
        var count = 0;
        foreach (var (_, neighbour, shift) in best)
        {
            if (neighbour >= 0)
            {
                amplitudes[count++] = candidates[neighbour].Amplitude;
                var scale = (float)(1 / candidates[neighbour].Amplitude);
                for (var k = 0; k < length; k++)
                {
                    mean[k] += candidates[neighbour].Shape[shift + k] * scale;
                }
            }
        }

        return (Correlation(centre, mean), Median(amplitudes[..count]));
    }

    private static double Correlation(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sumA = 0, sumB = 0, squareA = 0, squareB = 0, product = 0;
        for (var k = 0; k < a.Length; k++)
        {
            sumA += a[k];
            sumB += b[k];
            squareA += (double)a[k] * a[k];
            squareB += (double)b[k] * b[k];
            product += (double)a[k] * b[k];
        }

        var variance = (squareA - (sumA * sumA / a.Length)) * (squareB - (sumB * sumB / a.Length));
        return variance <= 0 ? 0 : (product - (sumA * sumB / a.Length)) / Math.Sqrt(variance);
    }

    /// <summary>The lower median; 0 of nothing. Sorts the values.</summary>
    private static double Median(Span<double> values)
    {
        values.Sort();
        return values.Length == 0 ? 0 : values[(values.Length - 1) / 2];
    }
}
