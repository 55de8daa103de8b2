namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Estimates a sampling frequency with which beats can be detected if the real one is unknown (definition scale-1). Of frequencies a factor
/// of 1.41 apart, it is the one at which the beats at the beginning of the lead have the highest log-odds and a plausible heart rate.
/// Detection tolerates an error of a factor of about 1.5, so the estimate suffices to count beats. It is not a measurement of the
/// sampling frequency, and no result in seconds is derived from it.
/// </summary>
internal static class TimeScale
{
    private const double Highest = 2400;
    private const int MostSamples = 43_200;
    private const int FewestBeats = 3;

    // Random noise stays below this value at every frequency; the weakest leads with beats are above it.
    private const double LeastOdds = 3;
    private const double ShortestS = 0.3;
    private const double LongestS = 2;

    /// <summary>Estimates the sampling frequency.</summary>
    /// <param name="samples">The lead, in any unit.</param>
    /// <param name="ct">Checked during detection.</param>
    /// <returns>Samples per second (Hz); null if there are no successive beats at any frequency.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static double? Estimate(ReadOnlyMemory<int> samples, CancellationToken ct = default)
    {
        var beginning = samples[..Math.Min(samples.Length, MostSamples)];
        var (best, most) = ((double?)null, LeastOdds);
        for (var rate = QrsDetector.LowestSamplingFrequency; rate < Highest; rate *= Math.Sqrt(2))
        {
            var odds = Odds(QrsDetector.Detect(beginning, rate, ct).Beats, beginning.Length, rate);
            (best, most) = odds > most ? (rate, odds) : (best, most);
        }

        return best;
    }

    /// <summary>Returns the mean log-odds of the beats times the share of the time covered by plausible RR intervals.</summary>
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
