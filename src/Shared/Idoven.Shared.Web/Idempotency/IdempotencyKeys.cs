using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Idoven.Shared.Web.Idempotency;

public static class IdempotencyKeys
{
    /// <summary>
    /// Claims the key in the open transaction of the caller. A concurrent request with the same key waits until that transaction ends:
    /// after a commit it finds the resource, after a rollback it continues. There is no state "running".
    /// </summary>
    /// <param name="resource">The resource that this request is about to create or change.</param>
    /// <returns>
    /// The resource of the earlier request with this key; null if the key is new or older than 24 hours, and is now claimed.
    /// </returns>
    /// <exception cref="RequestKeyReusedException">The earlier request had another body.</exception>
    public static async Task<Guid?> Claim(this DbContext db, RequestKey key, Guid resource, DateTimeOffset now, CancellationToken ct)
    {
        var table = $"{db.Model.GetDefaultSchema()}.{IdempotencyModel.Table}";
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var transaction = (NpgsqlTransaction)db.Database.CurrentTransaction!.GetDbTransaction();
        await using var claim = new NpgsqlCommand(
            $"""
            insert into {table} as earlier (subject, client_id, route, key, body_sha256, resource_id, created_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (subject, client_id, route, key) do update
              set body_sha256 = excluded.body_sha256, resource_id = excluded.resource_id, created_at = excluded.created_at
              where earlier.created_at < excluded.created_at - interval '24 hours'
            """, connection, transaction);
        AddParameters(claim, key.Subject, key.ClientId, key.Route, key.Key, key.BodySha256, resource, now);
        if (await claim.ExecuteNonQueryAsync(ct) == 1)
        {
            return null;
        }

        await using var find = new NpgsqlCommand(
            $"select resource_id, body_sha256 from {table} where subject = $1 and client_id = $2 and route = $3 and key = $4",
            connection, transaction);
        AddParameters(find, key.Subject, key.ClientId, key.Route, key.Key);
        await using var reader = await find.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(key.BodySha256)
            ? reader.GetGuid(0)
            : throw new RequestKeyReusedException();
    }

    /// <summary>Returns whether a request under this key has been carried out within the last 24 hours; the body is not compared.</summary>
    public static Task<bool> IsKnown(this DbContext db, RequestKey key, DateTimeOffset now, CancellationToken ct)
    {
        var since = now - TimeSpan.FromHours(24);
        return db.Set<IdempotencyRow>().AnyAsync(
            row => row.Subject == key.Subject && row.ClientId == key.ClientId && row.Route == key.Route
                && row.Key == key.Key && row.CreatedAt >= since, ct);
    }

    /// <summary>Removes the keys of an erased subject, in the open transaction of the caller.</summary>
    public static Task ForgetRequests(this DbContext db, string subject, CancellationToken ct) =>
        db.Set<IdempotencyRow>().Where(row => row.Subject == subject).ExecuteDeleteAsync(ct);

    private static void AddParameters(NpgsqlCommand command, params object[] values) =>
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
}
