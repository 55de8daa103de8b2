using Microsoft.EntityFrameworkCore;

namespace Idoven.Shared.Web.Idempotency;

/// <summary>A completed POST with a key: its caller, the hash of its body, and the resource that it created.</summary>
/// <param name="Subject">The caller.</param>
/// <param name="ClientId">The client of the caller.</param>
/// <param name="Route">Method and path.</param>
/// <param name="Key">The client's key.</param>
/// <param name="BodySha256">The hash of the decompressed body: the same key with another body is an error.</param>
/// <param name="ResourceId">The created resource. The response is rendered again from it, so no secret is stored.</param>
/// <param name="CreatedAt">The time of the request. A key is kept for 24 hours.</param>
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
