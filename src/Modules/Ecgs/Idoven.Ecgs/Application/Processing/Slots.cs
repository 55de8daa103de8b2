namespace Idoven.Ecgs.Application.Processing;

internal static class Slots
{
    /// <summary>Waits for a slot, which is held until the result is disposed.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before.</exception>
    public static async Task<IDisposable> Enter(this SemaphoreSlim slots, CancellationToken ct)
    {
        await slots.WaitAsync(ct);
        return new Slot(slots);
    }

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
