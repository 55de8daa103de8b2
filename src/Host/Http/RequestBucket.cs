using System.Threading.RateLimiting;

namespace Idoven.Host.Http;

/// <summary>
/// Represents a token bucket that starts full and is refilled continuously, to the exact rate: a request takes one token. The framework's
/// bucket refills in whole tokens for each period, so that most rates cannot be set exactly.
/// </summary>
/// <param name="burst">The tokens of a full bucket.</param>
/// <param name="perSecond">The tokens added in a second.</param>
/// <param name="clock">Measures the time since the last request.</param>
internal sealed class RequestBucket(int burst, int perSecond, TimeProvider clock) : RateLimiter
{
    private static readonly Lease Granted = new(isAcquired: true);
    private static readonly Lease Rejected = new(isAcquired: false);

    // A part of a token is kept as a whole number, so nothing is rounded: a token is as many parts as the clock has ticks in a second.
    private readonly long token = clock.TimestampFrequency;
    private readonly long full = burst * clock.TimestampFrequency;
    private readonly Lock changing = new();
    private long parts = burst * clock.TimestampFrequency;
    private long refilledAt = clock.GetTimestamp();
    private long granted;
    private long rejected;

    /// <summary>Gets the time since the last request once the bucket is full again; null until then.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (changing)
            {
                return parts + Refill(clock.GetTimestamp()) >= full ? clock.GetElapsedTime(refilledAt) : null;
            }
        }
    }

    public override RateLimiterStatistics GetStatistics()
    {
        lock (changing)
        {
            return new RateLimiterStatistics
            {
                CurrentAvailablePermits = Math.Min(full, parts + Refill(clock.GetTimestamp())) / token,
                TotalSuccessfulLeases = granted,
                TotalFailedLeases = rejected,
            };
        }
    }

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(permitCount, burst);
        lock (changing)
        {
            var now = clock.GetTimestamp();
            parts = Math.Min(full, parts + Refill(now));
            refilledAt = now;
            var wanted = permitCount * token;
            if (parts < wanted)
            {
                rejected++;
                return Rejected;
            }

            parts -= wanted;
            granted++;
            return Granted;
        }
    }

    /// <summary>Returns at once: no request waits for tokens.</summary>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        ValueTask.FromResult(AttemptAcquireCore(permitCount));

    /// <summary>
    /// Returns the parts added since the last request. Time beyond what fills an empty bucket is ignored: nothing overflows.
    /// </summary>
    private long Refill(long now) => Math.Min(Math.Max(0, now - refilledAt), (full / perSecond) + 1) * perSecond;

    private sealed class Lease(bool isAcquired) : RateLimitLease
    {
        public override bool IsAcquired => isAcquired;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
