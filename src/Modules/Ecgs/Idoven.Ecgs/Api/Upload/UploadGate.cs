using Idoven.Ecgs.Application;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Bounds how many uploads of this host use the processors and the database at a time. More would not be faster, and each step of an
/// analysis would wait in the thread pool behind all of them. While the analysis is behind, half as many are stored at a time, and uploads are
/// rejected that would wait behind too many others. A client that sends slowly holds nothing.
/// </summary>
internal sealed class UploadGate(IAnalysisBacklog backlog, TimeProvider clock) : IDisposable
{
    /// <summary>How long an upload waits for its turn to be stored. The time limits of the database come on top.</summary>
    public static readonly TimeSpan StoreWithin = TimeSpan.FromSeconds(2);

    /// <summary>How many uploads store at a time.</summary>
    public static readonly int StoringAtOnce = Math.Max(2, Environment.ProcessorCount);

    /// <summary>How many uploads store at a time while the analysis is behind.</summary>
    public static readonly int StoringWhileBehind = StoringAtOnce / 2;

    /// <summary>How many uploads wait to be stored, while the analysis is behind, before the next ones are rejected.</summary>
    public static readonly int WaitingWhileBehind = 16 * StoringWhileBehind;

    private readonly SemaphoreSlim reading = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly SemaphoreSlim storing = new(StoringAtOnce);
    private readonly SemaphoreSlim storingWhileBehind = new(StoringWhileBehind);
    private int waiting;

    /// <summary>Gets whether an upload should be rejected before its body is read: it would wait behind too many others.</summary>
    public bool IsCrowded => backlog.IsBehind && Volatile.Read(ref waiting) >= WaitingWhileBehind;

    /// <summary>Waits until a piece of a body may be parsed; ends when the result is disposed.</summary>
    public Task<IDisposable> Read(CancellationToken ct) => reading.Enter(ct);

    /// <summary>Waits until an ECG may be stored; ends when the result is disposed.</summary>
    /// <exception cref="UploadsBusyException">No slot became free in <see cref="StoreWithin"/>.</exception>
    public async Task<IDisposable> Store(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(StoreWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        Interlocked.Increment(ref waiting);
        try
        {
            if (!backlog.IsBehind)
            {
                return await storing.Enter(either.Token);
            }

            var first = await storingWhileBehind.Enter(either.Token);
            try
            {
                return await storing.Enter(either.Token, first);
            }
            catch
            {
                first.Dispose();
                throw;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new UploadsBusyException();
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    public void Dispose()
    {
        reading.Dispose();
        storing.Dispose();
        storingWhileBehind.Dispose();
    }
}

/// <summary>Too many uploads wait to be stored: answered with 503.</summary>
internal sealed class UploadsBusyException : Exception;
