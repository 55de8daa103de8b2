using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Messaging.Messages;

/// <summary>One module's side of the bus: its contracts, and the bell that a commit rings for its worker.</summary>
internal sealed class ModuleMessaging<TDb>(string module, MessageContracts contracts) : IDisposable
    where TDb : DbContext
{
    private readonly SemaphoreSlim signal = new(0, 1);

    public string Module { get; } = module;

    public MessageContracts Contracts { get; } = contracts;

    /// <summary>Something was committed: there may be work.</summary>
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
            // Two commits rang at once: one wake-up serves both.
        }
    }

    /// <summary>Returns after a ring, or when the time is over.</summary>
    /// <returns>Whether it rang.</returns>
    public Task<bool> Wait(TimeSpan atMost, CancellationToken ct) => signal.WaitAsync(atMost, ct);

    public void Dispose() => signal.Dispose();
}
