using System.Globalization;
using System.Security.Claims;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Data.Readiness;
using Idoven.Shared.Messaging.Transport;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Web.Revocation;

/// <summary>
/// Stores revocations: tokens that are rejected before they expire. The consumer of the module calls it, in the transaction of its inbox.
/// </summary>
public interface IRevocations
{
    /// <param name="subject">The subject of the tokens.</param>
    /// <param name="sessionId">The session or consent whose tokens are rejected; null if only the generation decides.</param>
    /// <param name="generation">The lowest valid generation: tokens of the subject with a lower one are rejected.</param>
    Task Record(string subject, string? sessionId, int generation, CancellationToken ct);
}

/// <summary>
/// A row of a module's <c>revocations</c>; <see cref="SessionId"/> is a session or a consent; empty if only the generation decides.
/// </summary>
internal sealed record RevocationRow(string Subject, string SessionId, int Generation, DateTimeOffset ExpiresAt);

/// <summary>Checks each token of one module for revocation.</summary>
internal interface IRevoked
{
    bool IsRevoked(ClaimsPrincipal token);
}

public static class RevocationExtensions
{
    /// <summary>
    /// Adds the rejection of revoked tokens of a module's audience. The host is ready when the earlier messages of <paramref name="queue"/>
    /// are handled.
    /// </summary>
    public static void AddRevocations<TDb>(this IHostApplicationBuilder builder, string module, string audience, string queue)
        where TDb : DbContext
    {
        var services = builder.Services;
        services.AddKeyedScoped<IRevocations, RevocationStore<TDb>>(module);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Revoked<TDb>>(provider, queue));
        services.AddKeyedSingleton<IRevoked>(audience, (provider, _) => provider.GetRequiredService<Revoked<TDb>>());
        services.AddHostedService(provider => provider.GetRequiredService<Revoked<TDb>>());
        services.AddReadyCheck<Revoked<TDb>>($"revocations-{module}");
    }

    /// <summary>Maps the table into the module's own schema.</summary>
    public static void AddRevocations(this ModelBuilder model) => model.Entity<RevocationRow>(row =>
    {
        row.ToTable("revocations");
        row.HasKey(r => new { r.Subject, r.SessionId });
        row.Property(r => r.Subject).HasMaxLength(200);
        row.Property(r => r.SessionId).HasMaxLength(200);
        row.HasIndex(r => r.ExpiresAt);
    });
}

internal sealed class RevocationStore<TDb>(TDb db) : IRevocations
    where TDb : DbContext
{
    public async Task Record(string subject, string? sessionId, int generation, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Database.ExecuteSqlRawAsync(
            Upsert($"{db.Model.GetDefaultSchema()}.revocations"), [subject, sessionId ?? "", generation, RevocationState.Retention], ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    // Expired rows are deleted when the next one is written: every token that they revoke has expired.
    private static string Upsert(string table) =>
        $$"""
        with gone as (delete from {{table}} where expires_at < now() and (subject, session_id) <> ({0}, {1}))
        insert into {{table}} as known (subject, session_id, generation, expires_at) values ({0}, {1}, {2}, now() + {3})
        on conflict (subject, session_id) do update
          set generation = greatest(known.generation, excluded.generation), expires_at = excluded.expires_at
        """;
}

/// <summary>
/// Keeps the revocations in memory. The table is read every 250 ms, so every host applies a revocation that any host has consumed. Every
/// token is rejected until the table was read once.
/// </summary>
internal sealed class Revoked<TDb>(
    string queue, ModuleDatabase<TDb> database, QueueBacklog backlog, TimeProvider clock, ILogger<Revoked<TDb>> logger)
    : PeriodicService($"revocations of {database.Schema}", ReadEvery, clock, logger), IRevoked, IHealthCheck
    where TDb : DbContext
{
    // Messages that another host was handling when the queue was empty are committed, and read, within two rounds.
    private const int RoundsUntilCaughtUp = 2;
    private static readonly TimeSpan ReadEvery = TimeSpan.FromMilliseconds(250);
    private readonly RevocationState state = new(clock);
    private volatile Dictionary<string, Entry>? current;
    private int roundsSinceEmpty;

    protected override string Effect => "The revocations that were read last remain valid.";

    public bool IsRevoked(ClaimsPrincipal token)
    {
        if (current is not { } known)
        {
            return true;
        }

        // The token of a person is also revoked with the client that it was issued to.
        return Rejects(known, token.FindFirst("sub")?.Value, token.FindFirst("gen"), token.FindFirst("sid"), token.FindFirst("consent"))
            || (token.FindFirst("role") is not null
                && Rejects(known, $"client:{token.FindFirst("client_id")?.Value}", token.FindFirst("cgen")));
    }

    private static bool Rejects(Dictionary<string, Entry> known, string? subject, Claim? generation, params Claim?[] partOf) =>
        subject is not null
        && known.TryGetValue(subject, out var entry)
        && (!int.TryParse(generation?.Value ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number < entry.Generation
            || partOf.Any(part => part is not null && entry.Parts.Contains(part.Value)));

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.Check());

    protected override async Task RunOnce(CancellationToken stoppingToken)
    {
        current = await Read(stoppingToken);
        state.Read();
        if (!state.IsCaughtUp)
        {
            roundsSinceEmpty = roundsSinceEmpty > 0 || await IsQueueEmpty(stoppingToken) ? roundsSinceEmpty + 1 : 0;
            if (roundsSinceEmpty > RoundsUntilCaughtUp)
            {
                state.CatchUp();
            }
        }
    }

    /// <summary>Returns false also if the broker is unavailable or does not answer.</summary>
    private async Task<bool> IsQueueEmpty(CancellationToken ct)
    {
        try
        {
            return await backlog.IsQueueEmpty(queue, ct);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<Dictionary<string, Entry>> Read(CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"select subject, session_id, generation from {database.Schema}.revocations where expires_at > now()");
        await using var reader = await command.ExecuteReaderAsync(ct);
        var entries = new Dictionary<string, Entry>();
        while (await reader.ReadAsync(ct))
        {
            var entry = entries.TryGetValue(reader.GetString(0), out var known) ? known : new Entry(0, []);
            entry.Parts.Add(reader.GetString(1));
            entries[reader.GetString(0)] = entry with { Generation = Math.Max(entry.Generation, reader.GetInt32(2)) };
        }

        return entries;
    }

    /// <param name="Parts">The sessions and consents whose tokens are rejected.</param>
    private sealed record Entry(int Generation, HashSet<string> Parts);
}
