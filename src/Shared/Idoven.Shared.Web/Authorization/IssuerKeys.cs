using Idoven.Shared.Data.Jobs;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Shared.Web.Authorization;

/// <summary>
/// The keys that tokens are validated with. They are read periodically, and at once when a token has an unknown key, so that a token that
/// another host has just signed with a new key is not rejected. A token with a known key never waits.
/// </summary>
public abstract class IssuerKeys : BaseConfigurationManager
{
    // Tokens with invented keys cause a read at most this often. All of them wait for the same next read.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // The token handler requests a refresh and reads the keys synchronously on the same thread.
    [ThreadStatic]
    private static bool isAsked;

    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private volatile BaseConfiguration current = new KeySet([], []);
    private Task last = Task.CompletedTask;
    private Task? next;
    private long read;

    protected IssuerKeys(TimeProvider clock)
    {
        this.clock = clock;

        // Otherwise keys that were valid an hour ago are tried too, also if they were revoked since.
        UseLastKnownGoodConfiguration = false;
    }

    /// <summary>Reads all valid signing keys. If the issuer runs on this host, its current key is the first.</summary>
    public IReadOnlyCollection<SecurityKey> Keys => [.. current.SigningKeys];

    /// <summary>Gets whether the keys were read.</summary>
    public bool AreKnown => current.SigningKeys.Count > 0;

    /// <summary>Gets the interval of the periodic reads.</summary>
    public abstract TimeSpan ReadEvery { get; }

    public sealed override void RequestRefresh() => isAsked = true;

    public sealed override Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel)
    {
        if (!isAsked)
        {
            return Task.FromResult(current);
        }

        isAsked = false;
        return Newer(cancel);
    }

    /// <summary>Reads the keys, and returns when they are read.</summary>
    public Task ReadAgain(CancellationToken ct)
    {
        lock (gate)
        {
            // The host reads the keys, not the caller: the read must not run in the context of the request.
            using var apart = ExecutionContext.SuppressFlow();

            // A read that has not started will include every key that existed at the time of the call.
            return (next ??= last = ReadAfter(last)).WaitAsync(ct);
        }
    }

    /// <returns>The current keys; the same instance if they have not changed.</returns>
    protected abstract Task<BaseConfiguration> Read(BaseConfiguration known, CancellationToken ct);

    private async Task<BaseConfiguration> Newer(CancellationToken cancel)
    {
        try
        {
            await ReadAgain(cancel).WaitAsync(Patience, clock, cancel);
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            // The keys of the last read stay valid; the periodic read logs the failure.
        }

        return current;
    }

    private async Task ReadAfter(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        var left = Pause - clock.GetElapsedTime(read);
        if (left > TimeSpan.Zero && read > 0)
        {
            await Task.Delay(left, clock);
        }

        lock (gate)
        {
            (next, read) = (null, clock.GetTimestamp());
        }

        current = await Read(current, CancellationToken.None);
    }

    /// <param name="signing">The keys that validate tokens.</param>
    /// <param name="decryption">The keys that decrypt tokens for the issuer itself; empty on other hosts.</param>
    protected sealed class KeySet(IEnumerable<SecurityKey> signing, IEnumerable<SecurityKey> decryption) : BaseConfiguration
    {
        public override ICollection<SecurityKey> SigningKeys { get; } = [.. signing];

        public override ICollection<SecurityKey> TokenDecryptionKeys { get; } = [.. decryption];
    }
}

/// <summary>Reads the issuer's keys again in the interval that <see cref="IssuerKeys.ReadEvery"/> gives.</summary>
internal sealed class WatchIssuerKeys(IssuerKeys keys, TimeProvider clock, ILogger<WatchIssuerKeys> logger)
    : PeriodicService("issuer keys", keys.ReadEvery, clock, logger)
{
    protected override string Effect => "The keys that were read last remain valid.";

    protected override Task RunOnce(CancellationToken stoppingToken) => keys.ReadAgain(stoppingToken);
}

/// <summary>Ready when the keys have been read.</summary>
internal sealed class IssuerKeysCheck(IssuerKeys keys) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            keys.AreKnown ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("the issuer's keys could not be read yet"));
}
