using Idoven.Ecgs.Application;
using Idoven.Shared.Limits;
using Idoven.Shared.Persistence;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Bounds how many uploads of this host use the processors and the database at a time. More would not be faster, and each step of an
/// analysis would wait in the thread pool behind all of them. Callers take turns, so that many uploads of one caller do not delay those of
/// others. While the analysis is behind, half as many are stored at a time, and uploads are rejected that would wait behind too many
/// others. A client that sends slowly occupies nothing.
/// </summary>
internal sealed class UploadGate(IAnalysisBacklog backlog, TimeProvider clock)
{
    /// <summary>
    /// How long an upload waits for its turn to be stored. If the database does not answer, its time limits come on top
    /// (<see cref="ModuleDatabaseExtensions.SilentDatabaseSeconds"/>), and the response must still come within five seconds.
    /// </summary>
    public static readonly TimeSpan StoreWithin = TimeSpan.FromSeconds(0.8);

    /// <summary>How many uploads are parsed at a time.</summary>
    public static readonly int ReadingAtOnce = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How many uploads store at a time.</summary>
    public static readonly int StoringAtOnce = Math.Max(2, Environment.ProcessorCount);

    /// <summary>How many uploads store at a time while the analysis is behind.</summary>
    public static readonly int StoringWhileBehind = StoringAtOnce / 2;

    /// <summary>How many uploads wait to be stored, while the analysis is behind, before the next ones are rejected.</summary>
    public static readonly int WaitingWhileBehind = 16 * StoringWhileBehind;

    private readonly CallerTurns reading = new(ReadingAtOnce);
    private readonly CallerTurns storing = new(StoringAtOnce);
    private readonly CallerTurns storingWhileBehind = new(StoringWhileBehind);

    /// <summary>Gets whether an upload should be rejected before its body is read: it would wait behind too many others.</summary>
    public bool IsCrowded => backlog.IsBehind && WaitingToBeStored >= WaitingWhileBehind;

    /// <summary>Gets how many uploads wait for their turn, to be parsed or to be stored.</summary>
    public int Waiting => reading.Waiting + WaitingToBeStored;

    private int WaitingToBeStored => storing.Waiting + storingWhileBehind.Waiting;

    /// <summary>Waits for the caller's turn to have a piece of a body parsed; ends when the result is disposed.</summary>
    public Task<IDisposable> Read(string caller, CancellationToken ct) => reading.Enter(caller, ct);

    /// <summary>Waits for the caller's turn to have an ECG stored; ends when the result is disposed.</summary>
    /// <exception cref="UploadsBusyException">The caller's turn did not come in <see cref="StoreWithin"/>.</exception>
    public async Task<IDisposable> Store(string caller, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(StoreWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            if (!backlog.IsBehind)
            {
                return await storing.Enter(caller, either.Token);
            }

            var first = await storingWhileBehind.Enter(caller, either.Token);
            try
            {
                return new Both(await storing.Enter(caller, either.Token), first);
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
    }

    private sealed class Both(IDisposable turn, IDisposable turnWhileBehind) : IDisposable
    {
        public void Dispose()
        {
            turn.Dispose();
            turnWhileBehind.Dispose();
        }
    }
}

/// <summary>Too many uploads wait to be stored: answered with 503.</summary>
internal sealed class UploadsBusyException : Exception;
