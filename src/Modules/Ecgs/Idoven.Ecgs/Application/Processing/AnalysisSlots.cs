namespace Idoven.Ecgs.Application.Processing;

/// <summary>
/// Limits how many ECGs of this host are read and analysed at a time: one more than there are processors, so that none is idle while a
/// signal is read. Twice as many deliveries are in progress: the others load their ECG or store their insights. With fewer deliveries,
/// uploads would leave little processor time to the analysis, because each of its steps waits behind theirs.
/// </summary>
internal sealed class AnalysisSlots : IDisposable
{
    /// <summary>The number of ECGs that are read and analysed at a time.</summary>
    public static readonly int Count = Math.Max(2, Environment.ProcessorCount) + 1;

    /// <summary>The number of deliveries of the analysis queue that are in progress at a time.</summary>
    public static readonly int Deliveries = 2 * Count;

    /// <summary>
    /// The number of consumers that a host reports. All but one of the consumers of all hosts may analyse large ECGs, which take much
    /// memory.
    /// </summary>
    public static readonly int Reported = Math.Max(2, Environment.ProcessorCount);

    private readonly SemaphoreSlim free = new(Count);

    /// <inheritdoc cref="Slots.Enter"/>
    public Task<IDisposable> Enter(CancellationToken ct) => free.Enter(ct);

    public void Dispose() => free.Dispose();
}
