using System.Numerics;
using System.Runtime.Intrinsics;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Compares a candidate with the beats around it and computes its log-odds for a QRS complex. Comparisons are cached as long as the
/// neighbouring beats stay the same. Instances are reused from stretch to stretch.
/// </summary>
internal sealed class CandidateFeatures
{
    /// <summary>The largest number of neighbouring beats.</summary>
    public const int MostNeighbours = 16;

    private const int MostSimilarCount = 4;
    private const double Limit = 3;
    private const double NegligibleBelow = -9;

    private readonly int[] neighbours = new int[MostNeighbours];
    private readonly NeighbourMatch[] matches = new NeighbourMatch[MostNeighbours];
    private int neighbourCount;
    private int matchCount;

    private double before;
    private double after;
    private NeighbourLevels levels;
    private (double Energy, double Sharp) noise;

    // Log-odds from all features except the similarity to other beats.
    private double sizeOdds;
    private bool isSizeOddsKnown;

    // Correlation with the mean of the most similar neighbours, each at its best shift, and their median amplitude.
    private double neighbourCorrelation;
    private double neighbourAmplitude;
    private bool isNeighbourCorrelationKnown;

    // The same for the best of the stretch's templates.
    private BeatTemplates? templates;
    private double templateCorrelation;
    private double templateAmplitude;

    /// <summary>Gets the log-odds from the features.</summary>
    public double Odds { get; private set; }

    /// <summary>Gets the candidate's amplitude as a ratio to the median amplitude of the neighbouring beats.</summary>
    public double Height { get; private set; }

    /// <summary>Starts with another candidate.</summary>
    /// <param name="highestBefore">The highest envelope shortly before it.</param>
    /// <param name="highestAfter">The highest envelope shortly after it.</param>
    public void Reset(double highestBefore, double highestAfter)
    {
        (before, after) = (highestBefore, highestAfter);
        (neighbourCount, matchCount) = (-1, 0);
        (isSizeOddsKnown, isNeighbourCorrelationKnown) = (false, false);
        (templates, templateCorrelation, templateAmplitude) = (null, 0, double.NaN);
    }

    /// <summary>Returns whether these are the neighbouring beats of the last comparison.</summary>
    public bool HasNeighbours(ReadOnlySpan<int> near) =>
        near.Length == neighbourCount && near.SequenceEqual(neighbours.AsSpan(0, neighbourCount));

    /// <summary>Replaces the neighbouring beats.</summary>
    /// <param name="near">Indices of the neighbouring beats among the candidates, ascending.</param>
    /// <param name="nearLevels">Their levels.</param>
    public void SetNeighbours(ReadOnlySpan<int> near, NeighbourLevels nearLevels)
    {
        near.CopyTo(neighbours);
        neighbourCount = near.Length;
        levels = nearLevels;
        (isSizeOddsKnown, isNeighbourCorrelationKnown) = (false, false);
    }

    /// <summary>Computes <see cref="Odds"/> by logistic regression over differences of logarithms and correlations.</summary>
    /// <param name="candidates">All candidates, including the neighbours.</param>
    /// <param name="candidate">The candidate.</param>
    /// <param name="around">Median envelopes of the peaks around it that are not beats.</param>
    /// <param name="current">The templates of the stretch.</param>
    /// <param name="weights">The constant, then one weight for each feature in the order below.</param>
    /// <param name="scratch">A waveform with a lag of 0, whose samples are overwritten.</param>
    /// <returns>Whether the log-odds have changed.</returns>
    public bool Score(
        ReadOnlySpan<Candidate> candidates, Candidate candidate, (double Energy, double Sharp) around, BeatTemplates current,
        double[] weights, Waveform scratch)
    {
        if (!isSizeOddsKnown || !around.Equals(noise))
        {
            noise = around;
            sizeOdds = SizeOdds(candidate, weights);
            isSizeOddsKnown = true;
        }
        else if (isNeighbourCorrelationKnown && ReferenceEquals(current, templates))
        {
            return false;
        }

        var earlier = Odds;
        Odds = sizeOdds + SimilarityOdds(candidates, candidate, current, weights, scratch);
        return !Odds.Equals(earlier);
    }

    private double SizeOdds(Candidate candidate, double[] weights)
    {
        // Compared with the other peaks around, and with a higher one shortly before or after (P and T waves).
        var odds = weights[0]
            + (weights[1] * Bounded(candidate.Energy - noise.Energy))
            + (weights[2] * Math.Min(0, Bounded(candidate.Energy - before)))
            + (weights[3] * Math.Min(0, Bounded(candidate.Energy - after)));

        // Compared with the beats around.
        odds += (weights[4] * Bounded(candidate.Amplitude - levels.Amplitude))
            + (weights[5] * Bounded(candidate.Slow - levels.Slow));
        Height = Math.Exp(Bounded(candidate.Amplitude - levels.Amplitude));

        // In the faster band, and its position between the peaks that are not beats (0) and the beats (1), like Pan and Tompkins'
        // thresholds.
        var (floor, share) = (Math.Exp(Bounded(noise.Energy - levels.Energy)), Math.Exp(Bounded(candidate.Energy - levels.Energy)));
        var position = floor < 1 ? Math.Clamp((share - floor) / (1 - floor), 0, 1) : 0;
        return odds
            + (weights[6] * Bounded(candidate.Sharp - noise.Sharp))
            + (weights[7] * position * Math.Clamp(Bounded(candidate.Energy - noise.Energy), 0, 2));
    }

    /// <summary>Returns the log-odds from the similarity to other beats. It is only computed if it can decide.</summary>
    private double SimilarityOdds(
        ReadOnlySpan<Candidate> candidates, Candidate candidate, BeatTemplates current, double[] weights, Waveform scratch)
    {
        if (sizeOdds + weights[8] + weights[10] < NegligibleBelow)
        {
            return weights[8] / 2;
        }

        CorrelateWithNeighbours(candidates, candidate.Waveform, scratch);
        CorrelateWithTemplates(candidate.Waveform, current);
        var expected = neighbourCorrelation >= templateCorrelation ? neighbourAmplitude : templateAmplitude;
        return (weights[8] * Math.Max(neighbourCorrelation, templateCorrelation))
            + (weights[9] * -Math.Abs(Bounded(candidate.Amplitude - expected)))
            + (weights[10] * Math.Max(0, templateCorrelation - 0.8) * 5);
    }

    private void CorrelateWithNeighbours(ReadOnlySpan<Candidate> candidates, Waveform waveform, Waveform scratch)
    {
        if (isNeighbourCorrelationKnown)
        {
            return;
        }

        isNeighbourCorrelationKnown = true;
        if (neighbourCount < 2)
        {
            (neighbourCorrelation, neighbourAmplitude) = (0.5, double.NaN);
            return;
        }

        MatchNeighbours(candidates, waveform);
        Span<int> best = stackalloc int[MostSimilarCount];
        best = best[..Math.Min(MostSimilarCount, matchCount)];
        FindMostSimilar(best);
        Span<float> sum = stackalloc float[waveform.Length];
        Span<double> amplitudes = stackalloc double[MostSimilarCount];
        for (var k = 0; k < best.Length; k++)
        {
            var match = matches[best[k]];
            amplitudes[k] = candidates[match.Neighbour].Amplitude;
            candidates[match.Neighbour].Waveform.AddTo(sum, match.Shift);
        }

        scratch.Set(sum);
        neighbourCorrelation = waveform.Correlate(scratch).Correlation;
        neighbourAmplitude = LowerMedian.Compute(amplitudes[..best.Length]);
    }

    /// <summary>Finds the neighbours with the highest correlations, the highest first; of equal ones the earlier one.</summary>
    private void FindMostSimilar(Span<int> best)
    {
        Span<float> correlations = stackalloc float[MostNeighbours];
        correlations.Fill(float.NegativeInfinity);
        for (var n = 0; n < matchCount; n++)
        {
            correlations[n] = matches[n].Correlation;
        }

        var none = Vector256.Create(float.NegativeInfinity);
        var (first, second) = (Vector256.Create<float>(correlations), Vector256.Create<float>(correlations[Vector256<float>.Count..]));
        foreach (ref var at in best)
        {
            var highest = Vector256.Create(Waveform.Highest(Vector256.MaxNative(first, second)));
            var isHighestFirst = Vector256.Equals(first, highest).ExtractMostSignificantBits();
            var isHighestSecond = Vector256.Equals(second, highest).ExtractMostSignificantBits();
            at = BitOperations.TrailingZeroCount(isHighestFirst | (isHighestSecond << Vector256<float>.Count));
            var index = Vector256.Create(at);
            var secondIndices = Vector256<int>.Indices + Vector256.Create(Vector256<int>.Count);
            first = Vector256.ConditionalSelect(Vector256.Equals(Vector256<int>.Indices, index).AsSingle(), none, first);
            second = Vector256.ConditionalSelect(Vector256.Equals(secondIndices, index).AsSingle(), none, second);
        }
    }

    /// <summary>Correlates the waveform with each neighbour that has no match yet.</summary>
    private void MatchNeighbours(ReadOnlySpan<Candidate> candidates, Waveform waveform)
    {
        Span<NeighbourMatch> known = stackalloc NeighbourMatch[MostNeighbours];
        Span<int> unmatched = stackalloc int[MostNeighbours];
        matches.CopyTo(known);
        var count = 0;
        for (int n = 0, k = 0; n < neighbourCount; n++)
        {
            while (k < matchCount && known[k].Neighbour < neighbours[n])
            {
                k++;
            }

            if (k < matchCount && known[k].Neighbour == neighbours[n])
            {
                matches[n] = known[k];
            }
            else
            {
                unmatched[count++] = n;
            }
        }

        matchCount = neighbourCount;
        Span<WaveformMatch> found = stackalloc WaveformMatch[Waveform.AtOnce];
        for (var i = 0; i < count; i += Waveform.AtOnce)
        {
            var four = unmatched[i..Math.Min(i + Waveform.AtOnce, count)];
            Waveform Other(ReadOnlySpan<Candidate> all, ReadOnlySpan<int> of, int k) =>
                all[neighbours[of[Math.Min(k, of.Length - 1)]]].Waveform;
            waveform.Correlate(
                Other(candidates, four, 0), Other(candidates, four, 1), Other(candidates, four, 2), Other(candidates, four, 3), found);
            for (var k = 0; k < four.Length; k++)
            {
                matches[four[k]] = new NeighbourMatch(neighbours[four[k]], found[k].Shift, found[k].Correlation);
            }
        }
    }

    private void CorrelateWithTemplates(Waveform waveform, BeatTemplates current)
    {
        if (ReferenceEquals(current, templates))
        {
            return;
        }

        templates = current;
        var (best, match) = Waveform.FindBestMatch(current.Waveforms, waveform, 0);
        (templateCorrelation, templateAmplitude) = best < 0 ? (0, double.NaN) : (match.Correlation, current.Amplitudes[best]);
    }

    /// <summary>Limits a difference to -3 to 3; 0 if there is nothing to compare with.</summary>
    private static double Bounded(double difference) => double.IsNaN(difference) ? 0 : Math.Clamp(difference, -Limit, Limit);

    private readonly record struct NeighbourMatch(int Neighbour, int Shift, float Correlation);
}

/// <summary>Represents medians over neighbouring beats; NaN if there are none.</summary>
internal readonly record struct NeighbourLevels(double Energy, double Amplitude, double Slow)
{
    /// <summary>Computes the medians.</summary>
    /// <param name="candidates">All candidates.</param>
    /// <param name="beats">Indices of the neighbouring beats.</param>
    public static NeighbourLevels Compute(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<int> beats)
    {
        Span<double> energies = stackalloc double[beats.Length];
        Span<double> amplitudes = stackalloc double[beats.Length];
        Span<double> slow = stackalloc double[beats.Length];
        for (var k = 0; k < beats.Length; k++)
        {
            var beat = candidates[beats[k]];
            (energies[k], amplitudes[k], slow[k]) = (beat.Energy, beat.Amplitude, beat.Slow);
        }

        return new NeighbourLevels(LowerMedian.Compute(energies), LowerMedian.Compute(amplitudes), LowerMedian.Compute(slow));
    }
}
