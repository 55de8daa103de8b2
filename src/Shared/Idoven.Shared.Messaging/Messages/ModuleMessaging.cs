using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Messaging.Messages;

/// <summary>The messaging state of one module: its contracts, and the signal that wakes its worker after a commit.</summary>
internal sealed class ModuleMessaging<TDb>(string module, MessageContracts contracts) : IDisposable
    where TDb : DbContext
{
    private readonly SemaphoreSlim signal = new(0, 1);

    public string Module { get; } = module;

    public MessageContracts Contracts { get; } = contracts;

    /// <summary>Wakes the worker: something was committed.</summary>
    public void Signal()
    {
        try
        {
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Two commits at the same time need one signal only.
        }
    }

    /// <summary>Waits for a signal, at most for the given time.</summary>
    /// <returns>True if there was a signal.</returns>
    public Task<bool> Wait(TimeSpan atMost, CancellationToken ct) => signal.WaitAsync(atMost, ct);

    public void Dispose() => signal.Dispose();
}
