using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>The heart beats that were found (definition beats-1).</summary>
/// <param name="Count">How many.</param>
/// <param name="Detector">By which method.</param>
/// <param name="Rr">The intervals between them; null with fewer than two beats, and without a sampling frequency.</param>
/// <param name="RrSamples">The same counted in samples; null with a sampling frequency.</param>
public sealed record BeatSummary(int Count, string Detector, RrSummary? Rr, RrInSamples? RrSamples = null)
{
    // So many samples a second make an interval's milliseconds its samples.
    private const double SampleAMs = 1000;

    internal static BeatSummary Of(IReadOnlyList<Beat> beats, string detector, double? samplingFrequency, IReadOnlyList<SampleRange> gaps) => samplingFrequency is { } known
        ? new(beats.Count, detector, RrSummary.Of(RrIntervals.Each(beats, known, gaps), beats.Count))
        : new(beats.Count, detector, Rr: null, RrInSamples.Of([.. RrIntervals.Each(beats, SampleAMs, gaps)]));
}

/// <summary>RR intervals where the sampling frequency is not known; those in which there was no signal are left out.</summary>
/// <param name="Count">How many.</param>
/// <param name="Mean">Their mean, in samples.</param>
/// <param name="Median">Their median, in samples.</param>
/// <param name="Minimum">The shortest, in samples.</param>
/// <param name="Maximum">The longest, in samples.</param>
/// <param name="Irregularity">Median absolute difference of successive intervals by their median, a ratio; null without two in a row.</param>
public sealed record RrInSamples(int Count, double Mean, double Median, double Minimum, double Maximum, double? Irregularity)
{
    internal static RrInSamples? Of(IReadOnlyList<RrInterval> intervals) => RrSummary.Of(intervals, intervals.Count) is { } rr
        ? new RrInSamples(rr.Count, rr.MeanMs, rr.MedianMs, rr.MinimumMs, rr.MaximumMs, RrIntervals.Irregularity(intervals, rr.MedianMs))
        : null;
}

/// <summary>RR intervals; those in which there was no signal are left out.</summary>
/// <param name="Count">How many.</param>
/// <param name="MeanMs">Their mean.</param>
/// <param name="MedianMs">Their median.</param>
/// <param name="MinimumMs">The shortest.</param>
/// <param name="MaximumMs">The longest.</param>
public sealed record RrSummary(int Count, double MeanMs, double MedianMs, double MinimumMs, double MaximumMs)
{
    /// <param name="intervals">In any order.</param>
    /// <param name="most">As many or more.</param>
    internal static RrSummary? Of(IEnumerable<RrInterval> intervals, int most)
    {
        var (all, count, sum) = (new double[most], 0, 0.0);
        foreach (var interval in intervals)
        {
            all[count++] = interval.Ms;
        }

        var sorted = all.AsSpan(0, count);
        sorted.Sort();
        foreach (var ms in sorted)
        {
            sum += ms;
        }

        return count == 0 ? null : new RrSummary(count, sum / count, (sorted[(count - 1) / 2] + sorted[count / 2]) / 2, sorted[0], sorted[^1]);
    }
}

/// <summary>The beats of one lead.</summary>
public sealed class LeadBeatsInsight : ILeadInsight
{
    /// <inheritdoc/>
    public string Name => "beats";

    /// <inheritdoc/>
    public object Compute(LeadSignal lead, CancellationToken ct = default)
    {
        var beats = lead.Analyze(ct) ?? throw NoBeats(lead.Recording);
        return BeatSummary.Of(beats.Beats, QrsDetector.Name, lead.Recording.SamplingFrequency, beats.Gaps);
    }

    /// <summary>The sampling frequency, for what is nothing without seconds.</summary>
    /// <exception cref="InsightNotComputedException">It is not known.</exception>
    internal static double Frequency(RecordingInfo recording) =>
        recording.SamplingFrequency ?? throw new InsightNotComputedException("The sampling frequency is not known.");

    internal static InsightNotComputedException NoBeats(RecordingInfo recording) => new(recording.SamplingFrequency is null
        ? "The sampling frequency is not known, and there are no beats to be seen without it."
        : $"The sampling frequency is below {QrsDetector.LowestSamplingFrequency} Hz.");
}

/// <summary>The beats of all leads together.</summary>
public sealed class FusedBeatsInsight : IRecordingInsight
{
    /// <inheritdoc/>
    public string Name => "beats";

    /// <inheritdoc/>
    public object Compute(RecordingBeats recording, CancellationToken ct = default) => BeatSummary.Of(
        recording.FindBeats(ct) ?? throw LeadBeatsInsight.NoBeats(recording.Recording), FusedQrsDetector.Name, recording.Recording.SamplingFrequency, recording.Gaps);
}
