using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Shared.Web.Describe;

namespace Idoven.Ecgs.Api;

/// <summary>
/// The insights of an ECG; docs/insights.md defines each. The form is for the document: <see cref="InsightDocument"/> writes it. What
/// could not be computed is absent.
/// </summary>
/// <param name="EngineVersion">Of the analysis that made them.</param>
/// <param name="Definitions">In force, by name.</param>
/// <param name="Recording">What was known of the recording.</param>
/// <param name="Leads">The insights of each lead, in the order of the upload.</param>
/// <param name="Global">Those of all leads together.</param>
/// <param name="NotComputed">What could not be computed, and why.</param>
/// <param name="Disclaimer">What this is not.</param>
[OmitsNull]
internal sealed record InsightsResponse(
    string EngineVersion, IReadOnlyList<string> Definitions, RecordingInfo Recording, IReadOnlyList<LeadInsightsResponse> Leads,
    GlobalInsightsResponse Global, IReadOnlyList<NotComputed> NotComputed, string Disclaimer)
{
    public const string Example =
        """
        {"engineVersion":"1.3.1","definitions":["zc-strict-1","stat-1","beats-1","scale-1","quality-1","classes-1","rhythm-2","ectopy-1","af-rr-1","nn-rr30-1","hrv-tf96-1"],"recording":{"samplingFrequency":500},
        "leads":[{"name":"I","samples":6,
        "zeroCrossings":{"total":5,"rising":2,"falling":3,"touches":0,"zeroSamples":0,"ratePerSecond":416.7,
        "aboutBaseline":{"offset":-2,"offsetSource":"median","total":3,"rising":1,"falling":2,"touches":0,"zeroSamples":1,"ratePerSecond":250}},
        "statistics":{"minimum":-9,"maximum":15,"peakToPeak":24,"mean":3.33,"median":-2,"p1":-9,"p99":15,"standardDeviation":9.4,"rms":9.2}}],
        "global":{},"notComputed":[{"insight":"beats","lead":"I","reason":"The signal is too short."}],
        "disclaimer":"Measurements with stated definitions. Not a medical device, not for diagnosis."}
        """;
}

/// <summary>The insights of one lead.</summary>
/// <param name="Name">As sent.</param>
/// <param name="Samples">How many samples it has.</param>
/// <param name="ZeroCrossings">Changes of sign.</param>
/// <param name="Statistics">Of the samples.</param>
/// <param name="Beats">Heart beats.</param>
/// <param name="Quality">How far the lead can be relied on.</param>
internal sealed record LeadInsightsResponse(
    string Name, int Samples, ZeroCrossings? ZeroCrossings, SampleStatistics? Statistics, BeatSummary? Beats, LeadQuality? Quality);

/// <summary>The insights of all leads together.</summary>
/// <param name="Beats">Heart beats.</param>
/// <param name="Rhythm">Heart rate and pauses.</param>
/// <param name="Ectopy">Beats that may have begun elsewhere than the others.</param>
/// <param name="PossibleAtrialFibrillation">Where the beats follow each other as in atrial fibrillation: a possibility.</param>
/// <param name="Hrv">Heart rate variability.</param>
internal sealed record GlobalInsightsResponse(
    BeatSummary? Beats, RhythmSummary? Rhythm, Ectopy? Ectopy, PossibleAtrialFibrillation? PossibleAtrialFibrillation, HrvSummary? Hrv);
