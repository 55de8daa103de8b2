namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents an insight that is computed from all leads: a member of <c>global</c> in the insight document.</summary>
public interface IRecordingInsight : IInsight
{
    /// <summary>Computes the result.</summary>
    /// <param name="recording">The recording.</param>
    /// <param name="ct">Cancelled when the time budget is used up; check it in long loops.</param>
    /// <exception cref="InsightNotComputedException">
    /// The insight has no meaning for this recording. The reason goes into the document.
    /// </exception>
    object Compute(RecordingBeats recording, CancellationToken ct = default);
}

/// <summary>Represents a recording insight with a result of a known type.</summary>
/// <typeparam name="TResult">The type of the result.</typeparam>
public interface IRecordingInsight<TResult> : IRecordingInsight, IInsight<TResult>
    where TResult : class
{
    /// <inheritdoc cref="IRecordingInsight.Compute"/>
    new TResult Compute(RecordingBeats recording, CancellationToken ct = default);

    /// <inheritdoc/>
    object IRecordingInsight.Compute(RecordingBeats recording, CancellationToken ct) => Compute(recording, ct);
}
