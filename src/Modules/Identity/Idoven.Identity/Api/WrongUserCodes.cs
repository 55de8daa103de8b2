using System.Threading.RateLimiting;

namespace Idoven.Identity.Api;

/// <summary>
/// Nobody finds a code by trying: an account that typed ten wrong ones may type one more every half minute. There are 20 to the 8th of them.
/// </summary>
internal sealed class WrongUserCodes : IDisposable
{
    public const int AtOnce = 10;
    private static readonly TimeSpan OneMoreAfter = TimeSpan.FromSeconds(30);

    private readonly PartitionedRateLimiter<Guid> buckets = PartitionedRateLimiter.Create<Guid, Guid>(account =>
        RateLimitPartition.GetTokenBucketLimiter(account, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = AtOnce,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = OneMoreAfter,
            QueueLimit = 0,
        }));

    public bool MayTry(Guid account) => buckets.GetStatistics(account) is not { CurrentAvailablePermits: 0 };

    public void Count(Guid account) => buckets.AttemptAcquire(account).Dispose();

    public void Dispose() => buckets.Dispose();
}
