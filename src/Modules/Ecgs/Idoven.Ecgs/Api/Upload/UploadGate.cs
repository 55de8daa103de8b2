namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Bounds how many uploads of this host use the processors and the database at a time. More would not be faster, and each step of an analysis would wait
/// in the thread pool behind all of them. A client that sends slowly holds nothing.
/// </summary>
internal sealed class UploadGate : IDisposable
{
    private readonly SemaphoreSlim reading = new(Environment.ProcessorCount);
    private readonly SemaphoreSlim storing = new(Math.Max(4, 2 * Environment.ProcessorCount));

    /// <summary>Waits until a piece of a body may be parsed; ends when the result is disposed.</summary>
    public Task<IDisposable> Read(CancellationToken ct) => Enter(reading, ct);

    /// <summary>Waits until an ECG may be stored; ends when the result is disposed.</summary>
    public Task<IDisposable> Store(CancellationToken ct) => Enter(storing, ct);

    public void Dispose()
    {
        reading.Dispose();
        storing.Dispose();
    }

    private static async Task<IDisposable> Enter(SemaphoreSlim slots, CancellationToken ct)
    {
        await slots.WaitAsync(ct);
        return new Slot(slots);
    }

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
