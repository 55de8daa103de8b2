namespace Idoven.Ecgs.Application.Processing;

/// <summary>
/// Lets the analyses of this host run at the same time, or one of them alone. They enter in the order of arrival, so neither kind starves.
/// </summary>
internal sealed class AnalysisGate
{
    private readonly Lock changing = new();
    private readonly LinkedList<Waiter> waiting = [];
    private int running;
    private bool isAloneRunning;

    /// <summary>Waits until no analysis runs alone.</summary>
    /// <returns>An object to be disposed when the analysis has ended.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before.</exception>
    public Task<IDisposable> Enter(CancellationToken ct) => Enter(isAlone: false, ct);

    /// <summary>Waits until no other analysis runs, and lets none begin until the returned object is disposed.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before.</exception>
    public Task<IDisposable> EnterAlone(CancellationToken ct) => Enter(isAlone: true, ct);

    private async Task<IDisposable> Enter(bool isAlone, CancellationToken ct)
    {
        var waiter = new Waiter(isAlone);
        lock (changing)
        {
            waiting.AddLast(waiter);
            Admit();
        }

        await using var cancelling = ct.Register(() => Cancel(waiter, ct));
        return await waiter.Admitted.Task;
    }

    private void Cancel(Waiter waiter, CancellationToken ct)
    {
        lock (changing)
        {
            if (waiting.Remove(waiter))
            {
                waiter.Admitted.SetCanceled(ct);
                Admit();
            }
        }
    }

    /// <summary>Admits waiters from the head of the queue. Call it with the lock held.</summary>
    private void Admit()
    {
        while (waiting.First is { Value: var next } && (next.IsAlone ? running == 0 : !isAloneRunning))
        {
            waiting.RemoveFirst();
            running++;
            isAloneRunning = next.IsAlone;
            next.Admitted.SetResult(new Admission(this));
        }
    }

    private void Leave()
    {
        lock (changing)
        {
            running--;
            isAloneRunning = false;
            Admit();
        }
    }

    private sealed class Waiter(bool isAlone)
    {
        public bool IsAlone => isAlone;

        public TaskCompletionSource<IDisposable> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Admission(AnalysisGate gate) : IDisposable
    {
        private int isDisposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isDisposed, 1) == 0)
            {
                gate.Leave();
            }
        }
    }
}
