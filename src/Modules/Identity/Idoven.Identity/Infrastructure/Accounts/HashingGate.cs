using System.Diagnostics;
using System.Diagnostics.Metrics;
using Idoven.Identity.Application;

namespace Idoven.Identity.Infrastructure.Accounts;

/// <summary>
/// How many password hashes are computed at a time, and how many may wait. Where a line forms, each place rests between two hashes, since a hash slows what runs
/// beside it however quiet its thread is (docs/speed.md): whoever hammers the logins gets a tenth of a core, and uploads keep theirs.
/// </summary>
internal sealed class HashingGate(int atATime, int maxWaiting, Counter<long>? hashes = null) : IDisposable
{
    // More than a shift that signs in together.
    private const int LongLine = 8;
    private const int RestOfHash = 9;
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1); // where hashes are slow because others want the processor

    private readonly SemaphoreSlim places = new(atATime);
    private int waiting;

    /// <summary>One core stays free for everything else. The last in the line waits for minutes, and only where a storm is on.</summary>
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

        var began = Stopwatch.GetTimestamp();
        try
        {
            hashes?.Add(1);
            return await QuietThread.Run(hash);
        }
        finally
        {
            _ = Leave(Volatile.Read(ref waiting) >= LongLine ? Rest(Stopwatch.GetElapsedTime(began)) : TimeSpan.Zero);
        }
    }

    internal static TimeSpan Rest(TimeSpan hash) => new(Math.Min((hash * RestOfHash).Ticks, LongestRest.Ticks));

    /// <summary>Whoever is done need not wait until the place is free again.</summary>
    private async Task Leave(TimeSpan rest)
    {
        await Task.Delay(rest);
        places.Release();
    }

    public void Dispose() => places.Dispose();
}
