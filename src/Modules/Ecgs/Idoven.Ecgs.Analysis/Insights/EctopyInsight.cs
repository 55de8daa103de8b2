using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents possibly ectopic beats (definitions classes-1, ectopy-1).</summary>
/// <param name="Normal">Number of beats that are not ectopic.</param>
/// <param name="Ventricular">The ventricular ectopic beats.</param>
/// <param name="Supraventricular">The supraventricular ectopic beats.</param>
public sealed record Ectopy(int Normal, EctopicBeats Ventricular, EctopicBeats Supraventricular);

/// <summary>Represents the ectopic beats of one kind.</summary>
/// <param name="Count">Number of beats.</param>
/// <param name="BurdenPercent">Their percentage of all beats.</param>
/// <param name="Single">Number of beats between beats of other kinds.</param>
/// <param name="Couplets">Number of pairs of successive beats.</param>
/// <param name="Runs">The longest runs, at most 20, in order of time; empty without a sampling frequency.</param>
/// <param name="RunCount">Number of runs of three and more successive beats.</param>
/// <param name="BigeminyCount">Number of episodes in which every second beat is of this kind, three times or more.</param>
/// <param name="TrigeminyCount">Number of episodes in which every third beat is of this kind, three times or more.</param>
public sealed record EctopicBeats(
    int Count, double BurdenPercent, int Single, int Couplets, int RunCount, IReadOnlyList<Run> Runs,
    int BigeminyCount, int TrigeminyCount);

/// <summary>Represents a run of ectopic beats.</summary>
/// <param name="StartS">The time of its first beat in seconds from the start of the recording.</param>
/// <param name="Beats">Number of beats.</param>
/// <param name="MeanBpm">The mean rate in the run, in beats per minute.</param>
public sealed record Run(double StartS, int Beats, double MeanBpm);

/// <summary>Counts ectopic beats, couplets, runs, bigeminy and trigeminy.</summary>
public sealed class EctopyInsight : IRecordingInsight<Ectopy>
{
    private const int ShortestRun = 3;
    private const int FewestRepeats = 3;
    private const int MostRuns = 20;

    /// <inheritdoc/>
    public string Name => "ectopy";

    /// <inheritdoc/>
    public IReadOnlyList<string> Definitions { get; } = ["ectopy-1"];

    /// <inheritdoc/>
    public Ectopy Example { get; } = new(
        2236, new EctopicBeats(5, 0.22, Single: 2, Couplets: 0, RunCount: 1, [new Run(1204.6, 3, 142.9)], 0, 0),
        new EctopicBeats(32, 1.41, Single: 32, Couplets: 0, RunCount: 0, [], 0, 0));

    /// <inheritdoc/>
    public IEnumerable<InsightLine> Describe(Ectopy result, IInsightResults others)
    {
        yield return new InsightLine(
            "ectopic", $"ventricular {DescribeKind(result.Ventricular)}; supraventricular {DescribeKind(result.Supraventricular)}");

        static string DescribeKind(EctopicBeats beats)
        {
            var rows = FormattableString.Invariant(
                $"{beats.Couplets} couplets, {beats.RunCount} runs, {beats.BigeminyCount} times bigeminy");
            return beats.Count == 0
                ? "none"
                : FormattableString.Invariant($"{beats.Count:N0} ({beats.BurdenPercent:0.##} % of the beats; {rows})");
        }
    }

    /// <inheritdoc/>
    public Ectopy Compute(RecordingBeats recording, CancellationToken ct = default)
    {
        var beats = recording.FindBeats(ct) ?? throw InsightNotComputedException.NoBeats(recording.Recording);
        if (beats.Count < 3)
        {
            throw new InsightNotComputedException("There are fewer than three beats.");
        }

        var classes = recording.FindClasses(ct)!;
        var segments = recording.Segments.ToArray();
        var frequency = recording.Recording.SamplingFrequency;
        EctopicBeats SummarizeKind(BeatClass kind)
        {
            bool[] IsKind((int First, int End) segment) =>
                [.. classes.Skip(segment.First).Take(segment.End - segment.First).Select(one => one == kind)];
            var summary = Summarize(
                [.. segments.Select(IsKind)], (segment, beat) => beats[segments[segment].First + beat].Sample / (frequency ?? 1));
            return frequency is null ? summary with { Runs = [] } : summary;
        }

        return new Ectopy(classes.Count(kind => kind == BeatClass.N), SummarizeKind(BeatClass.V), SummarizeKind(BeatClass.S));
    }

    /// <summary>Summarizes the beats of one kind.</summary>
    /// <param name="segments">For each segment without a gap, which beats are of the kind.</param>
    /// <param name="seconds">Returns the time of a beat from the index of its segment and its index in there.</param>
    internal static EctopicBeats Summarize(IReadOnlyList<bool[]> segments, Func<int, int, double> seconds)
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
                    var length = seconds(s, i - 1) - seconds(s, from);
                    runs.Add(new Run(seconds(s, from), i - from, 60 * (i - from - 1) / length));
                }
            }
        }

        return new EctopicBeats(
            count, 100.0 * count / segments.Sum(segment => segment.Length), single, couplets, runs.Count,
            [.. runs.OrderByDescending(run => run.Beats).Take(MostRuns).OrderBy(run => run.StartS)], bigeminy, trigeminy);
    }

    /// <summary>
    /// Returns the number of episodes in which every beat at a multiple of <paramref name="step"/>, and no other, is of the kind.
    /// </summary>
    private static int Repeats(bool[] isKind, int step)
    {
        var episodes = 0;
        for (var i = 0; i < isKind.Length; i++)
        {
            var repeats = isKind[i] ? 1 : 0;
            while (repeats > 0 && i + step < isKind.Length && Array.IndexOf(isKind, true, i + 1, step) == i + step)
            {
                i += step;
                repeats++;
            }

            episodes += repeats >= FewestRepeats ? 1 : 0;
        }

        return episodes;
    }
}
