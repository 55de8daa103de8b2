using System.Net;
using System.Runtime.CompilerServices;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Idoven.Ecgs.Infrastructure.Accesses;

internal sealed class AccessStore(EcgsDbContext db, ModuleDatabase<EcgsDbContext> database, CurrentAccess current) : IAccesses
{
    public async Task<IReadOnlyList<EcgAccess>> List(Guid ecgId, string ownerId, Guid? before, int limit, CancellationToken ct)
    {
        var rows = db.Set<EcgAccess>().AsNoTracking().Where(access => access.OwnerId == ownerId && access.EcgId == ecgId);
        rows = before is { } first ? rows.Where(access => access.Id < first) : rows;
        return await rows.OrderByDescending(access => access.Id).Take(limit + 1).ToListAsync(ct);
    }

    public async IAsyncEnumerable<EcgAccess> Export(AccessFilter filter, [EnumeratorCancellation] CancellationToken ct)
    {
        db.Add(current.CreateRow(AccessActions.Export, ecgId: null, ownerId: null));
        await db.SaveChangesAsync(ct);

        // Without a filter that can use an index the whole table is read, which may take minutes.
        await using var command = database.Background.CreateCommand(
            """
            select id, at, action, outcome, count, subject, client_id, session_id, ecg_id, owner_id, address, trace_id from ecgs.accesses
            where ($1 is null or ecg_id = $1) and ($2 is null or owner_id = $2) and ($3 is null or subject = $3)
              and ($4 is null or client_id = $4)
              and ($5 is null or session_id = $5) and ($6 is null or (id >= $7 and at >= $6)) and ($8 is null or (id < $9 and at < $8))
            order by id
            """);
        command.CommandTimeout = 0;
        Add(NpgsqlDbType.Uuid, filter.EcgId);
        Add(NpgsqlDbType.Text, filter.OwnerId);
        Add(NpgsqlDbType.Text, filter.Subject);
        Add(NpgsqlDbType.Text, filter.ClientId);
        Add(NpgsqlDbType.Uuid, filter.SessionId);
        Add(NpgsqlDbType.TimestampTz, filter.From);
        Add(NpgsqlDbType.Uuid, filter.From is { } from ? FirstId(from) : null);
        Add(NpgsqlDbType.TimestampTz, filter.To);
        Add(NpgsqlDbType.Uuid, filter.To is { } to ? FirstId(to.AddMilliseconds(1)) : null);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            yield return new EcgAccess
            {
                Id = reader.GetGuid(0),
                At = reader.GetFieldValue<DateTimeOffset>(1),
                Action = reader.GetString(2),
                Outcome = reader.GetString(3),
                Count = reader.GetInt32(4),
                Subject = reader.GetString(5),
                ClientId = reader.IsDBNull(6) ? null : reader.GetString(6),
                SessionId = reader.IsDBNull(7) ? null : reader.GetGuid(7),
                EcgId = reader.IsDBNull(8) ? null : reader.GetGuid(8),
                OwnerId = reader.IsDBNull(9) ? null : reader.GetString(9),
                Address = reader.IsDBNull(10) ? null : reader.GetFieldValue<IPAddress>(10),
                TraceId = reader.IsDBNull(11) ? null : reader.GetString(11),
            };
        }

        void Add(NpgsqlDbType type, object? value) =>
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
    }

    /// <summary>Returns the smallest id of a millisecond, because a UUIDv7 begins with its time.</summary>
    private static Guid FirstId(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(at).TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6..].Clear();
        return new Guid(bytes, bigEndian: true);
    }
}
