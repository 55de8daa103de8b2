using Idoven.Identity.Application;

namespace Idoven.Identity.Infrastructure.Accounts;

/// <summary>How many password hashes are computed at a time, and how many may wait.</summary>
internal sealed class HashingGate(int atATime, int maxWaiting) : IDisposable
{
    private readonly SemaphoreSlim places = new(atATime);
    private int waiting;

    /// <summary>One core stays free for everything else.</summary>
    public HashingGate()
        : this(atATime: Math.Max(1, Environment.ProcessorCount - 1), maxWaiting: 64)
    {
    }

    /// <summary>Runs the hash off the request's thread when there is a place.</summary>
    /// <exception cref="TooManySignInsException">Too many are waiting already.</exception>
    public async Task<T> Run<T>(Func<T> hash, CancellationToken ct)
    {
        if (Interlocked.Increment(ref waiting) > maxWaiting)
        {
            Interlocked.Decrement(ref waiting);
            throw new TooManySignInsException();
        }

        try
        {
            await places.WaitAsync(ct);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }

        try
        {
            return await Task.Run(hash, ct);
        }
        finally
        {
            places.Release();
        }
    }

    public void Dispose() => places.Dispose();
}
