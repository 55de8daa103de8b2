using Idoven.Ecgs.Application.Processing;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Limits;

namespace Idoven.Ecgs.Api.Upload;

/// <summary>
/// Limits how many uploads of this host use the processors and the database at a time. More would not be faster, and each step of an
/// analysis would wait in the thread pool behind all of them. Callers take turns, so that many uploads of one caller do not delay those of
/// others. While the analysis is behind, half as many are stored at a time, and uploads are rejected that would wait behind too many
/// others. A client that sends slowly occupies nothing.
/// </summary>
internal sealed class UploadGate(IAnalysisBacklog backlog, TimeProvider clock)
{
    /// <summary>The maximum time that an upload waits for its turn to be stored, if others are stored meanwhile.</summary>
    public static readonly TimeSpan StoreWithin = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The maximum time that an upload waits for its turn if none is stored meanwhile. The database may not answer then, and its time
    /// limits (<see cref="ModuleDatabaseExtensions.SilentDatabaseSeconds"/>) come on top; the response must still come within five seconds.
    /// </summary>
    public static readonly TimeSpan StoreWithoutProgress = TimeSpan.FromSeconds(0.8);

    /// <summary>The number of uploads that are parsed at a time.</summary>
    public static readonly int ReadingAtOnce = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>The number of uploads that are stored at a time.</summary>
    public static readonly int StoringAtOnce = Math.Max(2, Environment.ProcessorCount);

    /// <summary>The number of uploads that are stored at a time while the analysis is behind.</summary>
    public static readonly int StoringWhileBehind = StoringAtOnce / 2;

    /// <summary>The number of uploads that may wait to be stored while the analysis is behind; further ones are rejected.</summary>
    public static readonly int WaitingWhileBehind = 16 * StoringWhileBehind;

    private readonly CallerTurns reading = new(ReadingAtOnce);
    private readonly CallerTurns storing = new(StoringAtOnce);
    private readonly CallerTurns storingWhileBehind = new(StoringWhileBehind);

    private readonly TimeProvider clock = clock;

    // The timestamp of the last upload that was stored.
    private long lastStored;

    /// <summary>Gets whether an upload should be rejected before its body is read: it would wait behind too many others.</summary>
    public bool IsCrowded => backlog.IsBehind && WaitingToBeStored >= WaitingWhileBehind;

    /// <summary>Gets how many uploads wait for their turn, to be parsed or to be stored.</summary>
    public int Waiting => reading.Waiting + WaitingToBeStored;

    private int WaitingToBeStored => storing.Waiting + storingWhileBehind.Waiting;

    /// <summary>Waits for the caller's turn to have a piece of a body parsed; ends when the result is disposed.</summary>
    public Task<IDisposable> Read(string caller, CancellationToken ct) => reading.Enter(caller, ct);

    /// <summary>Waits for the caller's turn to have an ECG stored; ends when the result is disposed.</summary>
    /// <exception cref="UploadsBusyException">
    /// The caller's turn did not come in <see cref="StoreWithin"/>, or no upload was stored for <see cref="StoreWithoutProgress"/>.
    /// </exception>
    public async Task<StoreTurn> Store(string caller, CancellationToken ct)
    {
        using var limit = new WaitLimit(this, ct);
        try
        {
            if (!backlog.IsBehind)
            {
                return new StoreTurn(this, await storing.Enter(caller, limit.Ended));
            }

            var first = await storingWhileBehind.Enter(caller, limit.Ended);
            try
            {
                return new StoreTurn(this, await storing.Enter(caller, limit.Ended), first);
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

    /// <summary>Represents a caller's turn to have an ECG stored.</summary>
    internal sealed class StoreTurn(UploadGate gate, params IDisposable[] turns) : IDisposable
    {
        /// <summary>Reports that the ECG was stored, so that the uploads that wait may wait longer.</summary>
        public void Complete() => Volatile.Write(ref gate.lastStored, gate.clock.GetTimestamp());

        public void Dispose() => Array.ForEach(turns, turn => turn.Dispose());
    }

    /// <summary>Ends the wait of an upload for its turn to be stored.</summary>
    private sealed class WaitLimit : IDisposable
    {
        private readonly Lock changing = new();
        private readonly UploadGate gate;
        private readonly long start;
        private readonly CancellationTokenSource ended;
        private readonly ITimer timer;
        private bool isDisposed;

        public WaitLimit(UploadGate gate, CancellationToken ct)
        {
            this.gate = gate;
            start = gate.clock.GetTimestamp();
            ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
            timer = gate.clock.CreateTimer(_ => EndOrContinue(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            timer.Change(StoreWithoutProgress, Timeout.InfiniteTimeSpan);
        }

        public CancellationToken Ended => ended.Token;

        public void Dispose()
        {
            lock (changing)
            {
                isDisposed = true;
            }

            timer.Dispose();
            ended.Dispose();
        }

        private void EndOrContinue()
        {
            lock (changing)
            {
                if (isDisposed)
                {
                    return;
                }

                var waited = gate.clock.GetElapsedTime(start);
                var stuck = gate.clock.GetElapsedTime(Math.Max(start, Volatile.Read(ref gate.lastStored)));
                var left = new[] { StoreWithin - waited, StoreWithoutProgress - stuck }.Min();
                if (left > TimeSpan.Zero)
                {
                    timer.Change(left, Timeout.InfiniteTimeSpan);
                }
                else
                {
                    ended.Cancel();
                }
            }
        }
    }
}

/// <summary>Too many uploads wait to be stored. The response is 503.</summary>
internal sealed class UploadsBusyException : Exception;
