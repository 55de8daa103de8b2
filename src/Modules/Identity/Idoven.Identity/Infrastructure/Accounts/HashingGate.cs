using System.Diagnostics.Metrics;
using Idoven.Identity.Application;

namespace Idoven.Identity.Infrastructure.Accounts;

/// <summary>How many password hashes are computed at a time, and how many may wait.</summary>
internal sealed class HashingGate(int atATime, int maxWaiting, Counter<long>? hashes = null) : IDisposable
{
    private readonly SemaphoreSlim places = new(atATime);
    private int waiting;

    /// <summary>One core stays free for everything else. The last in the line waits about ten seconds.</summary>
    public HashingGate(IMeterFactory meters)
        : this(
            atATime: Math.Max(1, Environment.ProcessorCount - 1), maxWaiting: 512,
            meters.Create("Idoven.Identity").CreateCounter<long>("password_hashes", description: "Password hashes that were computed."))
    {
    }

    /// <summary>Runs the hash on a quiet thread of its own when there is a place.</summary>
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
            hashes?.Add(1);
            return await QuietThread.Run(hash);
        }
        finally
        {
            places.Release();
        }
    }

    public void Dispose() => places.Dispose();
}
