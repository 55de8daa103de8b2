namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Bounds how many uploads of this host use the processors and the database at a time. More would not be faster, and each step of an
/// analysis would wait in the thread pool behind all of them. A client that sends slowly holds nothing.
/// </summary>
internal sealed class UploadGate(TimeProvider clock) : IDisposable
{
    /// <summary>How long an upload waits for its turn to be stored. The time limits of the database come on top.</summary>
    public static readonly TimeSpan StoreWithin = TimeSpan.FromSeconds(2);

    /// <summary>How many uploads store at a time: half of the processors are left to the analysis.</summary>
    public static readonly int StoringAtOnce = Math.Max(2, Environment.ProcessorCount);

    private readonly SemaphoreSlim reading = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly SemaphoreSlim storing = new(StoringAtOnce);

    /// <summary>Waits until a piece of a body may be parsed; ends when the result is disposed.</summary>
    public async Task<IDisposable> Read(CancellationToken ct)
    {
        await reading.WaitAsync(ct);
        return new Slot(reading);
    }

    /// <summary>Waits until an ECG may be stored; ends when the result is disposed.</summary>
    /// <exception cref="UploadsBusyException">No slot became free in <see cref="StoreWithin"/>.</exception>
    public async Task<IDisposable> Store(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(StoreWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await storing.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new UploadsBusyException();
        }

        return new Slot(storing);
    }

    public void Dispose()
    {
        reading.Dispose();
        storing.Dispose();
    }

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}

/// <summary>Too many uploads wait to be stored: answered with 503.</summary>
internal sealed class UploadsBusyException : Exception;
