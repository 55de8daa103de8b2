using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis;

/// <summary>One lead of a recording, whole.</summary>
/// <param name="name">The lead's name as sent.</param>
/// <param name="samples">Its samples in order, at least one.</param>
/// <param name="recording">What is known of the recording.</param>
public sealed class LeadSignal(string name, ReadOnlyMemory<int> samples, RecordingInfo recording)
{
    private const int PartLength = 1 << 20;

    private readonly Lazy<OrderStatistics> order = new(() => OrderStatistics.Of(samples.Span));
    private readonly Once<LeadBeats?> beats = new(ct =>
        (recording.SamplingFrequency ?? TimeScale.Estimate(samples, ct)) is { } scale and >= QrsDetector.LowestSamplingFrequency ? QrsDetector.Detect(samples, scale, ct) : null);

    /// <summary>The lead's name as sent.</summary>
    public string Name { get; } = name;

    /// <summary>The samples as sent, in the recording's own unit.</summary>
    public ReadOnlyMemory<int> Samples { get; } = samples;

    /// <summary>What is known of the recording.</summary>
    public RecordingInfo Recording { get; } = recording;

    /// <summary>Ranks of the samples; computed once, however many insights ask.</summary>
    public OrderStatistics Order => order.Value;

    /// <summary>The beats; looked for once. Null where the sampling frequency is too low, or unknown and no scale of the lead's own found.</summary>
    public LeadBeats? Beats => FindBeats(CancellationToken.None);

    /// <summary>The same as <see cref="Beats"/>, within a time.</summary>
    public LeadBeats? FindBeats(CancellationToken ct) => beats.Get(ct);

    /// <summary>The samples piece by piece, as long as there is time.</summary>
    /// <exception cref="OperationCanceledException">The time is over.</exception>
    public IEnumerable<ReadOnlyMemory<int>> Parts(CancellationToken ct)
    {
        for (var start = 0; start < Samples.Length; start += PartLength)
        {
            ct.ThrowIfCancellationRequested();
            yield return Samples.Slice(start, Math.Min(PartLength, Samples.Length - start));
        }
    }
}
