using Idoven.Identity.Clients;
using Idoven.Identity.Infrastructure;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Client = OpenIddict.EntityFrameworkCore.Models.OpenIddictEntityFrameworkCoreApplication<System.Guid>;

namespace Idoven.Identity.ClientEnrolment;

/// <summary>Represents an enrolment token of a client.</summary>
internal sealed class EnrolmentRow
{
    /// <summary>The SHA-256 hash of the token, in base64.</summary>
    public required string TokenHash { get; init; }

    /// <summary>The id of the client's row.</summary>
    public required Guid ClientKey { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>When the token expires; set to the time of its replacement if a later token replaces it.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; init; }
}

internal sealed class EnrolmentStore(IdentityDbContext db) : IEnrolments
{
    public async Task Add(
        RegisteredClient client, Enrolment enrolment, DateTimeOffset now, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        await db.ClientEnrolments
            .Where(row => row.ClientKey == client.Key && row.UsedAt == null && row.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.ExpiresAt, now), ct);
        db.Add(new EnrolmentRow
        {
            TokenHash = enrolment.TokenHash,
            ClientKey = client.Key,
            IssuedAt = now,
            ExpiresAt = enrolment.ExpiresAt,
        });
    }

    public Task<IssuedEnrolment?> Find(string tokenHash, CancellationToken ct) => (
        from row in db.ClientEnrolments
        join client in db.Set<Client>() on row.ClientKey equals client.Id
        where row.TokenHash == tokenHash
        select new IssuedEnrolment(client.ClientId!, row.UsedAt != null)).SingleOrDefaultAsync(ct);

    public async Task<bool> Redeem(
        RegisteredClient client, string tokenHash, DateTimeOffset now, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        return await db.ClientEnrolments
            .Where(row => row.TokenHash == tokenHash && row.ClientKey == client.Key && row.UsedAt == null && row.ExpiresAt > now)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.UsedAt, now), ct) == 1;
    }
}
