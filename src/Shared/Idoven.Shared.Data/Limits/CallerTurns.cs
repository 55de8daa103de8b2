namespace Idoven.Shared.Data.Limits;

/// <summary>
/// Limits the number of operations at a time. Waiting operations are admitted round-robin over their callers, and in order for one caller,
/// so that a caller with many operations delays another caller by one of its own at most.
/// </summary>
/// <param name="limit">The maximum number of operations at a time.</param>
public sealed class CallerTurns(int limit)
{
    private readonly Lock changing = new();
    private readonly Dictionary<string, LinkedList<Waiter>> waiting = [];

    // The callers with a waiting operation, the next one first.
    private readonly LinkedList<string> order = new();
    private int free = limit;

    /// <summary>Gets how many operations wait.</summary>
    public int Waiting
    {
        get
        {
            lock (changing)
            {
                return waiting.Values.Sum(ofCaller => ofCaller.Count);
            }
        }
    }

    /// <summary>Waits for the caller's turn; the operation ends when the result is disposed.</summary>
    /// <param name="caller">Identifies the caller, for example its subject and its client.</param>
    /// <exception cref="OperationCanceledException">The token was canceled before.</exception>
    public async Task<IDisposable> Enter(string caller, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var waiter = new Waiter(caller);
        lock (changing)
        {
            if (free > 0)
            {
                free--;
                return new Turn(this);
            }

            Enqueue(waiter);
        }

        await using var cancelling = ct.Register(() => Cancel(waiter, ct));
        return await waiter.Admitted.Task;
    }

    private void Enqueue(Waiter waiter)
    {
        if (!waiting.TryGetValue(waiter.Caller, out var ofCaller))
        {
            waiting[waiter.Caller] = ofCaller = new();
            order.AddLast(waiter.Caller);
        }

        ofCaller.AddLast(waiter);
    }

    private void Cancel(Waiter waiter, CancellationToken ct)
    {
        lock (changing)
        {
            if (!waiting.TryGetValue(waiter.Caller, out var ofCaller) || !ofCaller.Remove(waiter))
            {
                return;
            }

            if (ofCaller.Count == 0)
            {
                waiting.Remove(waiter.Caller);
                order.Remove(waiter.Caller);
            }
        }

        waiter.Admitted.SetCanceled(ct);
    }

    private void Leave()
    {
        Waiter? next;
        lock (changing)
        {
            next = Dequeue();
            if (next is null)
            {
                free++;
            }
        }

        next?.Admitted.SetResult(new Turn(this));
    }

    private Waiter? Dequeue()
    {
        if (order.First is not { Value: var caller })
        {
            return null;
        }

        order.RemoveFirst();
        var ofCaller = waiting[caller];
        var next = ofCaller.First!.Value;
        ofCaller.RemoveFirst();
        if (ofCaller.Count == 0)
        {
            waiting.Remove(caller);
        }
        else
        {
            order.AddLast(caller);
        }

        return next;
    }

    private sealed class Waiter(string caller)
    {
        public string Caller => caller;

        public TaskCompletionSource<IDisposable> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Turn(CallerTurns turns) : IDisposable
    {
        private int isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isDisposed, 1) == 0)
            {
                turns.Leave();
            }
        }
    }
}
