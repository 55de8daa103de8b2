namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// A scale to look for beats on where the sampling frequency is not known (definition scale-1): of frequencies a factor of 1.41 apart the one at which
/// the beats of the lead's beginning look most like beats and follow each other at a rate that hearts have. Beats are found the same up to
/// a factor of about 1.5 off, so it serves to count them; it is no measurement of the sampling frequency, and nothing is given in seconds by it.
/// </summary>
internal static class TimeScale
{
    private const double Highest = 2400;
    private const int SamplesLookedAt = 43_200;
    private const int FewestBeats = 3;

    // Of random noise the best scale stays below, of the faintest leads with beats above.
    private const double FaintestOdds = 3;
    private const double ShortestS = 0.3;
    private const double LongestS = 2;

    /// <returns>Samples a second to work with; null where on no scale there are beats in a row.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static double? Estimate(ReadOnlyMemory<int> samples, CancellationToken ct = default)
    {
        var beginning = samples[..Math.Min(samples.Length, SamplesLookedAt)];
        var (best, most) = ((double?)null, FaintestOdds);
        for (var rate = QrsDetector.LowestSamplingFrequency; rate < Highest; rate *= Math.Sqrt(2))
        {
            var odds = Odds(QrsDetector.Detect(beginning, rate, ct).Beats, beginning.Length, rate);
            (best, most) = odds > most ? (rate, odds) : (best, most);
        }

        return best;
    }

    /// <summary>The beats' mean log-odds, times the share of the time that lies between beats as far apart as hearts beat.</summary>
    private static double Odds(IReadOnlyList<Beat> beats, int length, double rate)
    {
        if (beats.Count < FewestBeats)
        {
            return 0;
        }

        var covered = 0.0;
        for (var i = 1; i < beats.Count; i++)
        {
            var interval = beats[i].Sample - beats[i - 1].Sample;
            covered += interval > ShortestS * rate && interval < LongestS * rate ? interval : 0;
        }

        return beats.Average(beat => beat.Score) * covered / length;
    }
}
