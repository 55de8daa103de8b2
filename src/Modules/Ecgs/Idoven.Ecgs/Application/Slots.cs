namespace Idoven.Ecgs.Application;

internal static class Slots
{
    /// <summary>Waits for a slot, which is held until the result is disposed.</summary>
    /// <param name="slots">The slots.</param>
    /// <param name="ct">Cancels the waiting.</param>
    /// <param name="beside">A slot that was taken before and is given back with this one.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled before.</exception>
    public static async Task<IDisposable> Enter(this SemaphoreSlim slots, CancellationToken ct, IDisposable? beside = null)
    {
        await slots.WaitAsync(ct);
        return new Slot(slots, beside);
    }

    private sealed class Slot(SemaphoreSlim slots, IDisposable? beside) : IDisposable
    {
        public void Dispose()
        {
            slots.Release();
            beside?.Dispose();
        }
    }
}
