using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents one lead of a recording with all its samples: the input of lead insights.</summary>
/// <param name="name">The lead's name as sent.</param>
/// <param name="samples">Its samples in order, at least one.</param>
/// <param name="recording">The properties of the recording.</param>
public sealed class LeadSignal(string name, ReadOnlyMemory<int> samples, RecordingInfo recording)
{
    private const int PartLength = 1 << 20;

    private readonly Lazy<OrderStatistics> order = new(() => OrderStatistics.Compute(samples.Span));
    private readonly SharedResult<LeadAnalysis?> analysis = new(ct =>
        (recording.SamplingFrequency ?? TimeScale.Estimate(samples, ct)) is { } scale and >= QrsDetector.LowestSamplingFrequency
            ? LeadAnalyzer.Analyze(samples, scale, ct)
            : null);

    /// <summary>Gets the lead's name as sent.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the samples as sent, in the recording's own unit.</summary>
    public ReadOnlyMemory<int> Samples { get; } = samples;

    /// <summary>Gets the properties of the recording.</summary>
    public RecordingInfo Recording { get; } = recording;

    /// <summary>Gets the order statistics of the samples. They are computed once.</summary>
    public OrderStatistics Order => order.Value;

    /// <summary>Gets the beats and the measures of the lead. They are computed once.</summary>
    /// <returns>Null if the sampling frequency is too low, or unknown and cannot be estimated.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public LeadAnalysis? Analyze(CancellationToken ct = default) => analysis.Get(ct);

    /// <summary>Enumerates the samples in parts.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IEnumerable<ReadOnlyMemory<int>> Parts(CancellationToken ct)
    {
        for (var start = 0; start < Samples.Length; start += PartLength)
        {
            ct.ThrowIfCancellationRequested();
            yield return Samples.Slice(start, Math.Min(PartLength, Samples.Length - start));
        }
    }
}
