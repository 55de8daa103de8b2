namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>
/// Represents episodes with intervals as in atrial fibrillation (definition af-rr-1): a possibility, from the intervals alone.
/// </summary>
/// <param name="BurdenPercent">Percentage of the time between the first and the last beat.</param>
/// <param name="EpisodeCount">Number of episodes of 30 s and more; in a shorter recording, of its full length.</param>
/// <param name="Episodes">The longest episodes, at most 100, in order of time.</param>
public sealed record PossibleAtrialFibrillation(double BurdenPercent, int EpisodeCount, IReadOnlyList<Episode> Episodes);

/// <summary>Represents an episode, in seconds from the start of the recording.</summary>
public sealed record Episode(double StartS, double EndS);

/// <summary>Finds episodes of possible atrial fibrillation and their burden.</summary>
public sealed class AtrialFibrillationInsight : IRecordingInsight<PossibleAtrialFibrillation>
{
    private const double ShortestS = 30;
    private const int MostEpisodes = 100;

    /// <inheritdoc/>
    public string Name => "possibleAtrialFibrillation";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions { get; } = ["af-rr-1"];

    /// <inheritdoc/>
    public PossibleAtrialFibrillation Example { get; } = new(2.4, 1, [new Episode(1310.5, 1353.9)]);

    /// <inheritdoc/>
    public IEnumerable<InsightLine> Describe(PossibleAtrialFibrillation result, IInsightResults others)
    {
        yield return new InsightLine("fibrillation", result.EpisodeCount == 0
            ? "none found"
            : FormattableString.Invariant($"possible: {result.EpisodeCount} episodes, {result.BurdenPercent:F1} % of the time"));
    }

    /// <inheritdoc/>
    public PossibleAtrialFibrillation Compute(RecordingBeats recording, CancellationToken ct = default)
    {
        InsightNotComputedException.RequireSamplingFrequency(recording.Recording);
        return recording.FindAtrialFibrillation(ct) ?? throw (recording.FindBeats(ct) is null
            ? InsightNotComputedException.NoBeats(recording.Recording)
            : new InsightNotComputedException("There are too few intervals between normal beats."));
    }

    internal static PossibleAtrialFibrillation? Find(RecordingBeats recording, CancellationToken ct)
    {
        if (recording.Recording.SamplingFrequency is not { } frequency
            || recording.FindBeats(ct) is not { } beats
            || Rhythm.AtrialFibrillation.Find(beats, recording.FindClasses(ct)!, frequency) is not { } isFound)
        {
            return null;
        }

        double Seconds(int beat) => beats[beat].Sample / frequency;
        var whole = Seconds(beats.Count - 1) - Seconds(0);
        var episodes = new List<Episode>();
        for (int first = 0, i = 1; i <= isFound.Length; i++)
        {
            if (i < isFound.Length && isFound[i] == isFound[first])
            {
                continue;
            }

            if (isFound[first] && Seconds(i - 1) - Seconds(first) >= Math.Min(ShortestS, whole))
            {
                episodes.Add(new Episode(Seconds(first), Seconds(i - 1)));
            }

            first = i;
        }

        var longest = episodes.OrderByDescending(episode => episode.EndS - episode.StartS).Take(MostEpisodes);
        return new PossibleAtrialFibrillation(
            100 * episodes.Sum(episode => episode.EndS - episode.StartS) / whole,
            episodes.Count,
            [.. longest.OrderBy(episode => episode.StartS)]);
    }
}
