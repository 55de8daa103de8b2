using Idoven.Ecgs.Analysis.Accuracy;
using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>A named result computed from all leads together. To add one: a class here, and a line in <see cref="AnalysisEngine.RecordingInsights"/>.</summary>
public interface IRecordingInsight
{
    /// <summary>Its stable name: the member under <c>global</c> in the insight document.</summary>
    string Name { get; }

    /// <summary>Computes it.</summary>
    /// <returns>An immutable record; it is written to the document as it is, in camelCase.</returns>
    /// <exception cref="InsightNotComputedException">It has no meaning for this recording; the reason goes into the document.</exception>
    object Compute(RecordingBeats recording);
}

/// <summary>What the leads of a recording say together; their samples are gone by then.</summary>
public sealed class RecordingBeats
{
    private readonly Lazy<IReadOnlyList<Beat>?> fused;

    /// <param name="recording">What is known of the recording.</param>
    /// <param name="leads">The beats of each lead; null where they could not be looked for.</param>
    public RecordingBeats(RecordingInfo recording, IReadOnlyList<LeadBeats?> leads)
    {
        Recording = recording;
        var known = leads.OfType<LeadBeats>().ToList();
        fused = new(() => known.Count == 0 ? null : FusedQrsDetector.Detect(known, recording.SamplingFrequency!.Value));
        Gaps = InAll(known, lead => lead.Gaps);
        Flutter = InAll(known, lead => lead.Flutter);
    }

    /// <summary>What is known of the recording.</summary>
    public RecordingInfo Recording { get; }

    /// <summary>The fused beats; null where there is no lead in which beats could be looked for.</summary>
    public IReadOnlyList<Beat>? Beats => fused.Value;

    /// <summary>Stretches in which no lead has beats to be found: no signal, or <see cref="LeadBeats.Flutter"/>.</summary>
    public IReadOnlyList<SampleRange> Gaps { get; }

    /// <summary>Stretches in which every lead swings as in ventricular flutter or coarse fibrillation.</summary>
    public IReadOnlyList<SampleRange> Flutter { get; }

    private static IReadOnlyList<SampleRange> InAll(List<LeadBeats> leads, Func<LeadBeats, IReadOnlyList<SampleRange>> of) => leads.Count == 0
        ? []
        : leads.Select(of).Aggregate((common, lead) =>
        [
            .. common.SelectMany(range => lead.Select(other => new SampleRange(Math.Max(range.First, other.First), Math.Min(range.Last, other.Last))))
                .Where(range => range.First <= range.Last),
        ]);
}
