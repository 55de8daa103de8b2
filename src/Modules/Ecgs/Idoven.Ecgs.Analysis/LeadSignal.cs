using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis;

/// <summary>One lead of a recording, whole.</summary>
/// <param name="name">The lead's name as sent.</param>
/// <param name="samples">Its samples in order, at least one.</param>
/// <param name="recording">What is known of the recording.</param>
public sealed class LeadSignal(string name, ReadOnlyMemory<int> samples, RecordingInfo recording)
{
    private readonly Lazy<OrderStatistics> order = new(() => OrderStatistics.Of(samples.Span));
    private readonly Lazy<LeadBeats?> beats = new(() =>
        recording.SamplingFrequency is { } frequency and >= QrsDetector.LowestSamplingFrequency ? QrsDetector.Detect(samples, frequency) : null);

    /// <summary>The lead's name as sent.</summary>
    public string Name { get; } = name;

    /// <summary>The samples as sent, in the recording's own unit.</summary>
    public ReadOnlyMemory<int> Samples { get; } = samples;

    /// <summary>What is known of the recording.</summary>
    public RecordingInfo Recording { get; } = recording;

    /// <summary>Ranks of the samples; computed once, however many insights ask.</summary>
    public OrderStatistics Order => order.Value;

    /// <summary>The beats; looked for once. Null where the sampling frequency is unknown or too low.</summary>
    public LeadBeats? Beats => beats.Value;
}
