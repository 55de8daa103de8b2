namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>A named result computed from all leads together. To add one: a class here, and a line in <c>AnalysisEngine.RecordingInsights</c>.</summary>
public interface IRecordingInsight
{
    /// <summary>Its stable name: the member under <c>global</c> in the insight document.</summary>
    string Name { get; }

    /// <summary>Computes it.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="ct">Cancelled when its time is over: a long loop looks at it.</param>
    /// <returns>An immutable record; it is written to the document as it is, in camelCase.</returns>
    /// <exception cref="InsightNotComputedException">It has no meaning for this recording; the reason goes into the document.</exception>
    object Compute(RecordingBeats recording, CancellationToken ct = default);
}
