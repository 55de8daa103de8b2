using Idoven.Shared.Data.Jobs;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Idoven.Shared.Web.Authorization;

/// <summary>
/// The keys that tokens are checked with now. They are read again and again, and at once when a token comes by a key that is not among them:
/// what another host has just signed is never refused because this one has not heard of the key yet. A token by a known key waits for nothing.
/// </summary>
public abstract class IssuerKeys : BaseConfigurationManager
{
    // Tokens by made-up keys have them read this often and no oftener; such a token waits for the next reading, all of them for the same one.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Of the token handler: it asks for newer keys and takes them in one go, without letting go of the thread.
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

        // Keys that were good an hour ago would be tried too: also those that were revoked since.
        UseLastKnownGoodConfiguration = false;
    }

    /// <summary>Every key that a token may be signed with; where the issuer lives in this host, the one that it signs with comes first.</summary>
    public IReadOnlyCollection<SecurityKey> Keys => [.. current.SigningKeys];

    /// <summary>Whether they were read at all.</summary>
    public bool AreKnown => current.SigningKeys.Count > 0;

    /// <summary>How often they are read while nobody asks.</summary>
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

    /// <summary>Has them read, and waits for it.</summary>
    public Task ReadAgain(CancellationToken ct)
    {
        lock (gate)
        {
            // Whoever asked, it is the host that reads, and what it then does is not done in the request's name.
            using var apart = ExecutionContext.SuppressFlow();

            // One that has not begun will see all that was there when it was asked for.
            return (next ??= last = ReadAfter(last)).WaitAsync(ct);
        }
    }

    /// <returns>Those of now; the very same set where nothing changed.</returns>
    protected abstract Task<BaseConfiguration> Read(BaseConfiguration known, CancellationToken ct);

    private async Task<BaseConfiguration> Newer(CancellationToken cancel)
    {
        try
        {
            await ReadAgain(cancel).WaitAsync(Patience, clock, cancel);
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            // Those that were read last count; who watches them says so.
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

    /// <param name="signing">Of tokens.</param>
    /// <param name="decryption">Of what the issuer alone reads; none elsewhere.</param>
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

/// <summary>A host is ready when it has them.</summary>
internal sealed class IssuerKeysCheck(IssuerKeys keys) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(keys.AreKnown ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("the issuer's keys could not be read yet"));
}
