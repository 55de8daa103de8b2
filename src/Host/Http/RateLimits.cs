using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Threading.RateLimiting;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Microsoft.AspNetCore.Http;

namespace Idoven.Host.Http;

/// <summary>The section <c>RateLimits</c>: a bucket for each client and subject, never for an address.</summary>
public sealed class RateLimitOptions
{
    /// <summary>The number of requests that a full bucket permits at once.</summary>
    [Range(1, 1_000_000)]
    public int Burst { get; set; } = 2_000;

    /// <summary>The number of requests by which the bucket is refilled each second.</summary>
    [Range(1, 1_000_000)]
    public int PerSecond { get; set; } = 500;
}

/// <summary>
/// Limits the requests of each client. Every response to an authenticated caller reports the rest: <c>RateLimit-Policy</c> and
/// <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers).
/// </summary>
internal sealed class RateLimits : IDisposable
{
    private const string Name = "client";
    private readonly RateLimitOptions options;
    private readonly PartitionedRateLimiter<CurrentCaller> buckets;
    private readonly string policy;

    public RateLimits(RateLimitOptions options, TimeProvider clock)
    {
        this.options = options;
        policy = string.Create(CultureInfo.InvariantCulture, $"\"{Name}\";q={options.Burst};w={SecondsToRefill(options.Burst)}");
        buckets = PartitionedRateLimiter.Create<CurrentCaller, (string Subject, string? Client)>(caller =>
            RateLimitPartition.Get((caller.Subject, caller.ClientId), _ => new RequestBucket(options.Burst, options.PerSecond, clock)));
    }

    /// <summary>Must be used after the authorization: 401 and 403 come before 429.</summary>
    public async Task Invoke(HttpContext context, RequestDelegate next)
    {
        var caller = new CurrentCaller(context.User);
        if (caller.Subject.Length == 0)
        {
            await next(context);
            return;
        }

        using var lease = buckets.AttemptAcquire(caller);
        var left = buckets.GetStatistics(caller)?.CurrentAvailablePermits ?? 0;
        context.OnResponse(headers =>
        {
            headers["RateLimit-Policy"] = policy;
            headers["RateLimit"] = string.Create(
                CultureInfo.InvariantCulture, $"\"{Name}\";r={left};t={SecondsToRefill(options.Burst - left)}");
        });
        if (lease.IsAcquired)
        {
            await next(context);
            return;
        }

        context.Response.Headers.RetryAfter = "1";
        var detail = $"At most {options.PerSecond} requests per second and {options.Burst} at once are allowed.";
        await Problems.TooManyRequests(detail).ExecuteAsync(context);
    }

    public void Dispose() => buckets.Dispose();

    private long SecondsToRefill(long missing) => (missing + options.PerSecond - 1) / options.PerSecond;
}
