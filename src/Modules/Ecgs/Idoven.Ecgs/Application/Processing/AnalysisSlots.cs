namespace Idoven.Ecgs.Application.Processing;

/// <summary>
/// Bounds how many ECGs of this host are read and analysed at a time: one more than there are processors, so that none is idle while a signal is
/// read. Twice as many deliveries are under way: the others load their ECG or store what was found. With fewer, uploads leave the analysis
/// little of the processors, because each of its steps waits behind theirs.
/// </summary>
internal sealed class AnalysisSlots : IDisposable
{
    /// <summary>How many ECGs are read and analysed at a time.</summary>
    public static readonly int Count = Math.Max(2, Environment.ProcessorCount) + 1;

    /// <summary>How many deliveries of the analysis queue are under way at a time.</summary>
    public static readonly int Deliveries = 2 * Count;

    /// <summary>How many consumers a host reports: all but one of all hosts' analyse large ECGs, which take much memory.</summary>
    public static readonly int Reported = Math.Max(2, Environment.ProcessorCount);

    private readonly SemaphoreSlim free = new(Count);

    /// <inheritdoc cref="Slots.Enter"/>
    public Task<IDisposable> Enter(CancellationToken ct) => free.Enter(ct);

    public void Dispose() => free.Dispose();
}
