using System.Diagnostics;
using System.Diagnostics.Metrics;
using Idoven.Shared.Data.Limits;

namespace Idoven.Identity.SignIn;

/// <summary>
/// Limits how many passwords are hashed at a time, how many wait in each of two queues, and how many of them one caller may have. A long
/// queue pauses after each hash, because a hash slows down other threads whatever its priority is (docs/speed.md): a flood of sign-ins gets
/// a twentieth of a core, and uploads keep the rest.
/// </summary>
internal sealed class HashingGate(int maxConcurrent, int maxWaiting, int share, int pauseFactor, Counter<long>? hashes = null)
    : IDisposable
{
    /// <summary>The maximum number of passwords that wait in each queue.</summary>
    public const int MaxWaiting = 512;

    /// <summary>The share of one caller in each queue. A caller may have more while a quarter of the queue is free.</summary>
    public const int Share = 64;

    // A few users that sign in at the same time cause no pause.
    private const int LongQueue = 8;

    // Hashes are slow if other threads need the processor; the pause must not grow with that.
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim slots = new(maxConcurrent);
    private readonly Lane unknownDevices = new(maxConcurrent, maxWaiting, share, pauseFactor);
    private readonly Lane knownDevices = new(maxConcurrent, maxWaiting, share, pauseFactor);

    /// <summary>Leaves one core to all other work. In a full queue the last one waits for minutes.</summary>
    public HashingGate(IMeterFactory meters, SignInThrottleOptions options)
        : this(
            maxConcurrent: Math.Max(1, Environment.ProcessorCount - 1), MaxWaiting, Share, options.RestOfHash,
            meters.Create("Idoven.Identity").CreateCounter<long>("password_hashes", description: "Password hashes that were computed."))
    {
    }

    /// <summary>Waits for a slot, then computes the hash on a low-priority thread of its own.</summary>
    /// <param name="caller">The network that the request came from.</param>
    /// <exception cref="TooManySignInsException">The queue is full, or has as many passwords of this caller as it may have.</exception>
    public async Task<T> Run<T>(Func<T> hash, HashingPriority priority, string caller, CancellationToken ct)
    {
        var lane = priority == HashingPriority.KnownDevice ? knownDevices : unknownDevices;
        await lane.Enter(caller, ct);
        var elapsed = TimeSpan.Zero;
        try
        {
            await slots.WaitAsync(ct);
            var startedAt = Stopwatch.GetTimestamp();
            try
            {
                hashes?.Add(1);
                return await LowPriorityThread.Run(hash);
            }
            finally
            {
                elapsed = Stopwatch.GetElapsedTime(startedAt);
                slots.Release();
            }
        }
        finally
        {
            _ = lane.Leave(elapsed);
        }
    }

    internal static TimeSpan GetPause(TimeSpan hash, int factor) => new(Math.Min((hash * factor).Ticks, MaxPause.Ticks));

    public void Dispose()
    {
        slots.Dispose();
        unknownDevices.Dispose();
        knownDevices.Dispose();
    }

    /// <summary>One of the two queues. While a queue pauses it holds no slot, so the other queue goes on.</summary>
    private sealed class Lane(int maxConcurrent, int maxWaiting, int share, int pauseFactor) : IDisposable
    {
        private readonly SemaphoreSlim turns = new(maxConcurrent);
        private readonly CallerShares waiting = new(maxWaiting, share, Lending.WhileAQuarterIsFree, TimeProvider.System);

        public async Task Enter(string caller, CancellationToken ct)
        {
            if (waiting.Take(caller, 1) != ShareState.Taken)
            {
                throw new TooManySignInsException();
            }

            try
            {
                await turns.WaitAsync(ct);
            }
            finally
            {
                waiting.GiveBack(caller, 1);
            }
        }

        /// <summary>Gives the turn to the next password, after the pause. The caller does not await it.</summary>
        public async Task Leave(TimeSpan hash)
        {
            if (waiting.Total >= LongQueue)
            {
                await Task.Delay(GetPause(hash, pauseFactor));
            }

            turns.Release();
        }

        public void Dispose() => turns.Dispose();
    }
}
