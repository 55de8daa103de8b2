using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Morphology;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Tests.Insights;

/// <summary>Recordings of one lead, sampled at 1,000 Hz, whose beats have given RR intervals.</summary>
internal static class KnownBeats
{
    public const double SamplingFrequency = 1000;

    /// <summary>Creates one more beat than there are intervals; the first is at 0 ms.</summary>
    public static Beat[] WithIntervals(IEnumerable<double> rrIntervalsMs)
    {
        var times = rrIntervalsMs.Aggregate(new List<double> { 0 }, (times, interval) => [.. times, times[^1] + interval]);
        return [.. times.Select(time => new Beat(time, 10))];
    }

    /// <summary>Creates a recording in which every beat has the prevailing form.</summary>
    public static RecordingBeats Recording(IEnumerable<double> rrIntervalsMs)
    {
        var beats = WithIntervals(rrIntervalsMs);
        var lead = new LeadAnalysis(new DetectedBeats(beats, beats, gaps: [], flutter: []), new BeatMorphology[beats.Length], windows: []);
        return new RecordingBeats(new RecordingInfo(SamplingFrequency), [lead]);
    }
}
