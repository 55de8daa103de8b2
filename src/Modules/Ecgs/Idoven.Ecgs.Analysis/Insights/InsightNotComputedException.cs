using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Indicates that an insight has no meaning for a lead or a recording. The message is the reason in the document.</summary>
public sealed class InsightNotComputedException(string reason) : Exception(reason)
{
    /// <summary>Returns the sampling frequency, for insights that need seconds.</summary>
    /// <exception cref="InsightNotComputedException">The sampling frequency is unknown.</exception>
    internal static double RequireSamplingFrequency(RecordingInfo recording) =>
        recording.SamplingFrequency ?? throw new InsightNotComputedException("The sampling frequency is not known.");

    /// <summary>Creates the exception for a lead or a recording in which beats cannot be detected.</summary>
    internal static InsightNotComputedException NoBeats(RecordingInfo recording) => new(recording.SamplingFrequency is null
        ? "The sampling frequency is not known, and there are no beats to be seen without it."
        : $"The sampling frequency is below {QrsDetector.LowestSamplingFrequency} Hz.");
}
