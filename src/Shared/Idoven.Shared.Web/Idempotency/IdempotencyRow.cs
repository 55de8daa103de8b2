using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Web.Idempotency;

/// <summary>A POST that was carried out under a key: what it belongs to, the body it came with, and what it made.</summary>
/// <param name="Subject">Who asked.</param>
/// <param name="ClientId">Through which client.</param>
/// <param name="Route">Method and path.</param>
/// <param name="Key">The client's key.</param>
/// <param name="BodySha256">Of the unpacked body: the same key with another body is a mistake.</param>
/// <param name="ResourceId">What was made. The answer is rendered anew from it, so no secret is kept.</param>
/// <param name="CreatedAt">A key is kept for 24 hours.</param>
public sealed record IdempotencyRow(
    string Subject, string ClientId, string Route, string Key, byte[] BodySha256, Guid ResourceId, DateTimeOffset CreatedAt);

public static class IdempotencyModel
{
    internal const string Table = "idempotency";

    public static void AddIdempotency(this ModelBuilder model) => model.Entity<IdempotencyRow>(row =>
    {
        row.ToTable(Table, table => table.HasCheckConstraint("ck_idempotency_body_sha256", "length(body_sha256) = 32"));
        row.HasKey(r => new { r.Subject, r.ClientId, r.Route, r.Key });
        row.HasIndex(r => r.CreatedAt);
    });
}
