using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Idoven.Shared.Http.Idempotency;

/// <summary>An earlier request under the same key.</summary>
/// <param name="ResourceId">What it made.</param>
/// <param name="HasSameBody">False: the key was used again for something else.</param>
public sealed record EarlierRequest(Guid ResourceId, bool HasSameBody);

public static class IdempotencyKeys
{
    /// <summary>
    /// Takes the key in the caller's open transaction, as its first statement. A concurrent twin waits here until that transaction
    /// ends: committed, it finds what was made; rolled back, it goes on itself. No state "running" exists.
    /// </summary>
    /// <returns>The earlier request; null where the key is new (or older than 24 hours) and now the caller's.</returns>
    public static async Task<EarlierRequest?> Claim(this DbContext db, IdempotencyRow row, CancellationToken ct)
    {
        var table = $"{db.Model.GetDefaultSchema()}.{IdempotencyModel.Table}";
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        var transaction = (NpgsqlTransaction)db.Database.CurrentTransaction!.GetDbTransaction();
        await using var claim = new NpgsqlCommand(
            $"""
            insert into {table} as earlier (subject, client_id, route, key, body_sha256, resource_id, created_at) values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (subject, client_id, route, key) do update
              set body_sha256 = excluded.body_sha256, resource_id = excluded.resource_id, created_at = excluded.created_at
              where earlier.created_at < excluded.created_at - interval '24 hours'
            """, connection, transaction);
        AddParameters(claim, row.Subject, row.ClientId, row.Route, row.Key, row.BodySha256, row.ResourceId, row.CreatedAt);
        if (await claim.ExecuteNonQueryAsync(ct) == 1)
        {
            return null;
        }

        await using var find = new NpgsqlCommand(
            $"select resource_id, body_sha256 from {table} where subject = $1 and client_id = $2 and route = $3 and key = $4", connection, transaction);
        AddParameters(find, row.Subject, row.ClientId, row.Route, row.Key);
        await using var reader = await find.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return new EarlierRequest(reader.GetGuid(0), reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(row.BodySha256));
    }

    private static void AddParameters(NpgsqlCommand command, params object[] values) =>
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
}
