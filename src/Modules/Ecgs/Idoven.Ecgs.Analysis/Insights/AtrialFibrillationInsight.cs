namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Where the beats follow each other as in atrial fibrillation (definition af-rr-1). A possibility, by the intervals alone.</summary>
/// <param name="BurdenPercent">Share of the time between the first and the last beat.</param>
/// <param name="EpisodeCount">Stretches of 30 s and more; in a shorter recording, of all of it.</param>
/// <param name="Episodes">The longest ones, at most 100, in order of time.</param>
public sealed record PossibleAtrialFibrillation(double BurdenPercent, int EpisodeCount, IReadOnlyList<Episode> Episodes);

/// <summary>A stretch of a recording, in seconds from its start.</summary>
public sealed record Episode(double StartS, double EndS);

/// <summary>Episodes of possible atrial fibrillation and their burden.</summary>
public sealed class AtrialFibrillationInsight : IRecordingInsight
{
    private const double ShortestS = 30;
    private const int MostEpisodes = 100;

    /// <inheritdoc/>
    public string Name => "possibleAtrialFibrillation";

    /// <inheritdoc/>
    public object Compute(RecordingBeats recording, CancellationToken ct = default)
    {
        LeadBeatsInsight.Frequency(recording.Recording);
        return recording.FindAtrialFibrillation(ct) ?? throw (recording.FindBeats(ct) is null
            ? LeadBeatsInsight.NoBeats(recording.Recording)
            : new InsightNotComputedException("There are too few intervals between normal beats."));
    }

    internal static PossibleAtrialFibrillation? Of(RecordingBeats recording, CancellationToken ct)
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

        return new PossibleAtrialFibrillation(
            100 * episodes.Sum(episode => episode.EndS - episode.StartS) / whole,
            episodes.Count,
            [.. episodes.OrderByDescending(episode => episode.EndS - episode.StartS).Take(MostEpisodes).OrderBy(episode => episode.StartS)]);
    }
}
