using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Beats that may have begun elsewhere than the others (definition classes-1, ectopy-1).</summary>
/// <param name="Normal">Beats that are neither of the following.</param>
/// <param name="Ventricular">Those that may come from the ventricles.</param>
/// <param name="Supraventricular">Those that may come early from above.</param>
public sealed record Ectopy(int Normal, EctopicBeats Ventricular, EctopicBeats Supraventricular);

/// <summary>The ectopic beats of one kind.</summary>
/// <param name="Count">How many.</param>
/// <param name="BurdenPercent">Their share of all beats.</param>
/// <param name="Single">Those with another kind of beat on either side.</param>
/// <param name="Couplets">Two in a row.</param>
/// <param name="Runs">Three in a row and more; the longest ones, at most 20, in order of time. Listed with a sampling frequency only.</param>
/// <param name="RunCount">How many runs.</param>
/// <param name="BigeminyCount">Stretches in which for three times and more every second beat is of this kind.</param>
/// <param name="TrigeminyCount">Stretches in which for three times and more every third beat is.</param>
public sealed record EctopicBeats(
    int Count, double BurdenPercent, int Single, int Couplets, int RunCount, IReadOnlyList<Run> Runs, int BigeminyCount, int TrigeminyCount);

/// <summary>A run of ectopic beats.</summary>
/// <param name="StartS">Its first beat, from the start of the recording.</param>
/// <param name="Beats">How many.</param>
/// <param name="MeanBpm">The rate in it.</param>
public sealed record Run(double StartS, int Beats, double MeanBpm);

/// <summary>Ectopic beats, alone and in rows.</summary>
public sealed class EctopyInsight : IRecordingInsight
{
    private const int ShortestRun = 3;
    private const int FewestRepeats = 3;
    private const int MostRuns = 20;

    /// <inheritdoc/>
    public string Name => "ectopy";

    /// <inheritdoc/>
    public object Compute(RecordingBeats recording, CancellationToken ct = default)
    {
        var beats = recording.FindBeats(ct) ?? throw LeadBeatsInsight.NoBeats(recording.Recording);
        if (beats.Count < 3)
        {
            throw new InsightNotComputedException("There are fewer than three beats.");
        }

        var classes = recording.FindClasses(ct)!;
        var segments = recording.Segments.ToArray();
        var frequency = recording.Recording.SamplingFrequency;
        EctopicBeats Of(BeatClass kind)
        {
            var summary = Summary(
                [.. segments.Select(segment => classes.Skip(segment.First).Take(segment.End - segment.First).Select(one => one == kind).ToArray())],
                (segment, beat) => beats[segments[segment].First + beat].Sample / (frequency ?? 1));
            return frequency is null ? summary with { Runs = [] } : summary;
        }

        return new Ectopy(classes.Count(kind => kind == BeatClass.N), Of(BeatClass.V), Of(BeatClass.S));
    }

    /// <param name="segments">For each stretch without a gap, which beats are of the kind.</param>
    /// <param name="seconds">When a beat of a stretch was.</param>
    internal static EctopicBeats Summary(IReadOnlyList<bool[]> segments, Func<int, int, double> seconds)
    {
        var (count, single, couplets, bigeminy, trigeminy) = (0, 0, 0, 0, 0);
        var runs = new List<Run>();
        for (var s = 0; s < segments.Count; s++)
        {
            var isKind = segments[s];
            bigeminy += Repeats(isKind, 2);
            trigeminy += Repeats(isKind, 3);
            for (var i = 0; i < isKind.Length; i++)
            {
                var from = i;
                while (i < isKind.Length && isKind[i])
                {
                    i++;
                }

                count += i - from;
                single += i - from == 1 ? 1 : 0;
                couplets += i - from == 2 ? 1 : 0;
                if (i - from >= ShortestRun)
                {
                    runs.Add(new Run(seconds(s, from), i - from, 60 * (i - from - 1) / (seconds(s, i - 1) - seconds(s, from))));
                }
            }
        }

        return new EctopicBeats(
            count, 100.0 * count / segments.Sum(segment => segment.Length), single, couplets, runs.Count,
            [.. runs.OrderByDescending(run => run.Beats).Take(MostRuns).OrderBy(run => run.StartS)], bigeminy, trigeminy);
    }

    /// <summary>Stretches in which, three times and more, one beat of the kind stands at each <paramref name="step"/>.</summary>
    private static int Repeats(bool[] isKind, int step)
    {
        var stretches = 0;
        for (var i = 0; i < isKind.Length; i++)
        {
            var repeats = isKind[i] ? 1 : 0;
            while (repeats > 0 && i + step < isKind.Length && Array.IndexOf(isKind, true, i + 1, step) == i + step)
            {
                i += step;
                repeats++;
            }

            stretches += repeats >= FewestRepeats ? 1 : 0;
        }

        return stretches;
    }
}
