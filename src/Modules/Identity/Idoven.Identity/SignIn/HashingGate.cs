using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Idoven.Identity.SignIn;

/// <summary>
/// How many password hashes are computed at a time, and how many may wait in each line. Where a line is long, it rests between two hashes, since a hash slows what
/// runs beside it however quiet its thread is (docs/speed.md): whoever hammers the logins gets a twentieth of a core, and uploads keep theirs.
/// </summary>
internal sealed class HashingGate(int atATime, int maxWaiting, int restOfHash, Counter<long>? hashes = null) : IDisposable
{
    /// <summary>How many may wait in each queue.</summary>
    public const int MaxWaiting = 512;

    // More than a shift that signs in together.
    private const int LongLine = 8;
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2); // where hashes are slow because others want the processor

    private readonly SemaphoreSlim places = new(atATime);
    private readonly Lane strangers = new(atATime, maxWaiting, restOfHash);
    private readonly Lane known = new(atATime, maxWaiting, restOfHash);

    /// <summary>One core stays free for everything else. The last in the line waits for minutes, and only where a storm is on.</summary>
    public HashingGate(IMeterFactory meters, SignInThrottleOptions options)
        : this(
            atATime: Math.Max(1, Environment.ProcessorCount - 1), maxWaiting: MaxWaiting, options.RestOfHash,
            meters.Create("Idoven.Identity").CreateCounter<long>("password_hashes", description: "Password hashes that were computed."))
    {
    }

    /// <summary>Runs the hash on a quiet thread of its own when it is this one's turn and there is a place.</summary>
    /// <exception cref="TooManySignInsException">Too many are waiting in this line already.</exception>
    public async Task<T> Run<T>(Func<T> hash, HashingPriority line, CancellationToken ct)
    {
        var own = line == HashingPriority.Known ? known : strangers;
        await own.Enter(ct);
        var took = TimeSpan.Zero;
        try
        {
            await places.WaitAsync(ct);
            var began = Stopwatch.GetTimestamp();
            try
            {
                hashes?.Add(1);
                return await LowPriorityThread.Run(hash);
            }
            finally
            {
                took = Stopwatch.GetElapsedTime(began);
                places.Release();
            }
        }
        finally
        {
            _ = own.Leave(took);
        }
    }

    internal static TimeSpan Rest(TimeSpan hash, int times) => new(Math.Min((hash * times).Ticks, LongestRest.Ticks));

    public void Dispose()
    {
        places.Dispose();
        strangers.Dispose();
        known.Dispose();
    }

    /// <summary>Those who wait for each other. Of a line that rests nobody holds a place, so the other goes on.</summary>
    private sealed class Lane(int atATime, int maxWaiting, int restOfHash) : IDisposable
    {
        private readonly SemaphoreSlim turns = new(atATime);
        private int waiting;

        public async Task Enter(CancellationToken ct)
        {
            if (Interlocked.Increment(ref waiting) > maxWaiting)
            {
                Interlocked.Decrement(ref waiting);
                throw new TooManySignInsException();
            }

            try
            {
                await turns.WaitAsync(ct);
            }
            finally
            {
                Interlocked.Decrement(ref waiting);
            }
        }

        /// <summary>Whoever is done need not wait until it is the next one's turn.</summary>
        public async Task Leave(TimeSpan hash)
        {
            if (Volatile.Read(ref waiting) >= LongLine)
            {
                await Task.Delay(Rest(hash, restOfHash));
            }

            turns.Release();
        }

        public void Dispose() => turns.Dispose();
    }
}
