using System.Data;
using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Idoven.Shared.Audit;

/// <summary>A finding of <see cref="AuditCheck"/> in one line, such as "row ... was changed".</summary>
internal sealed record AuditFinding(string Text);

/// <summary>The state of the seals.</summary>
/// <param name="Rows">The number of audit rows.</param>
/// <param name="Seals">The number of seals.</param>
/// <param name="Waiting">The number of rows of the last <see cref="AuditCheck.SealedWithin"/> without a seal.</param>
/// <param name="Aged">The number of sealed rows that were removed by age.</param>
/// <param name="Head">The last seal, as <c>number:hash</c>; null if there is none.</param>
/// <param name="At">The time of the last seal.</param>
/// <param name="Keys">The ids of the keys that signed the seals and are trusted.</param>
internal sealed record AuditState(
    long Rows, long Seals, long Waiting, long Aged, string? Head, DateTimeOffset? At, IReadOnlyCollection<string> Keys);

/// <summary>
/// Compares the audit log of a module with its seals. Reports rows that were changed, are missing, or were never sealed, and seals that are
/// missing, do not follow the previous one, or have no signature of a trusted key.
/// </summary>
/// <param name="keepDays">The number of days for which rows are kept: older ones may be missing.</param>
internal sealed class AuditCheck(string module, NpgsqlDataSource database, SealKey key, int keepDays)
{
    /// <summary>
    /// The longest time that a row may wait for its seal: a minute for a row that counts requests, five seconds for the seal, and a margin.
    /// </summary>
    public static readonly TimeSpan SealedWithin = TimeSpan.FromMinutes(2);

    private const int SealsAtOnce = 50;

    public string Module => module;

    /// <summary>Gets the id of the key that this host signs seals with.</summary>
    public string KeyId => key.Id;

    /// <summary>Returns how far the seals reach, after all findings.</summary>
    /// <param name="trusted">Ids of keys that are trusted beside this host's.</param>
    /// <param name="knownHead">A seal that was noted earlier, as <c>number:hash</c>; null if there is none.</param>
    /// <param name="report">Receives each finding.</param>
    public async Task<AuditState> Run(
        IReadOnlyCollection<string> trusted, string? knownHead, Func<AuditFinding, Task> report, CancellationToken ct)
    {
        // One snapshot: rows that are stored and sealed meanwhile are not included.
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var keys = await ReadKeys(connection, trusted, ct);
        var oldest = await Value<DateTime>(connection, $"select now() - interval '{keepDays} days'", ct);
        var used = new SortedSet<string>(StringComparer.Ordinal);
        AuditSeal? last = null;
        var (seals, aged, isHeadSeen) = (0L, 0L, knownHead is null);
        await foreach (var batch in ReadSeals(connection, ct))
        {
            foreach (var seal in batch)
            {
                seals++;
                isHeadSeen |= Name(seal) == knownHead;
                foreach (var finding in CheckLink(seal, last, oldest))
                {
                    await report(finding);
                }

                if (keys.TryGetValue(seal.KeyId, out var publicKey) && SealKey.Verify(publicKey, seal.Hash, seal.Signature))
                {
                    used.Add(seal.KeyId);
                }
                else
                {
                    await report(new($"seal {seal.Number} bears no signature of a trusted key (it names the key {seal.KeyId})"));
                }

                last = seal;
            }

            aged += await CheckRows(connection, batch, oldest, report, ct);
        }

        if (!isHeadSeen)
        {
            await report(new($"the seal {knownHead} is missing"));
        }

        var waiting = await CheckUnsealed(connection, report, ct);
        var rows = await Value<long>(connection, $"select count(*) from {module}.audit", ct);
        return new AuditState(rows, seals, waiting, aged, last is null ? null : Name(last), last?.At, used);
    }

    /// <summary>Returns a time as findings and reports show it, in UTC.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Name(AuditSeal seal) =>
        string.Create(CultureInfo.InvariantCulture, $"{seal.Number}:{Convert.ToHexStringLower(seal.Hash)}");

    private IEnumerable<AuditFinding> CheckLink(AuditSeal seal, AuditSeal? last, DateTimeOffset oldest)
    {
        var expected = (last?.Number ?? 0) + 1;

        // The first seals are removed with their rows; one old seal remains.
        if (seal.Number != expected && (last is not null || seal.At > oldest))
        {
            yield return new(
                seal.Number == expected + 1 ? $"seal {expected} is missing" : $"seals {expected} to {seal.Number - 1} are missing");
        }
        else if (last is null ? seal.Number == 1 && seal.Previous.Any(b => b != 0) : !seal.Previous.AsSpan().SequenceEqual(last.Hash))
        {
            yield return new($"seal {seal.Number} does not follow the seal before it");
        }

        var hash = AuditSeal.HashOf(module, seal.Number, seal.At, seal.Ids, seal.RowHashes, seal.Previous, seal.KeyId);
        if (!hash.AsSpan().SequenceEqual(seal.Hash))
        {
            yield return new($"seal {seal.Number} was changed");
        }
    }

    /// <returns>The number of rows that were removed by age.</returns>
    private async Task<long> CheckRows(
        NpgsqlConnection connection, IReadOnlyList<AuditSeal> seals, DateTimeOffset oldest,
        Func<AuditFinding, Task> report, CancellationToken ct)
    {
        var aged = 0L;
        var rows = (await AuditRows.Read(connection, module, [.. seals.SelectMany(seal => seal.Ids)], ct)).ToDictionary(row => row.Id);
        foreach (var seal in seals)
        {
            for (var i = 0; i < seal.Ids.Length; i++)
            {
                if (!rows.TryGetValue(seal.Ids[i], out var row))
                {
                    if (TimeOf(seal.Ids[i]) < oldest)
                    {
                        aged++;
                    }
                    else
                    {
                        await report(new($"row {seal.Ids[i]} is missing: seal {seal.Number} of {Format(seal.At)} has it"));
                    }
                }
                else if (!seal.RowHashes.Skip(i * AuditSeal.HashLength).Take(AuditSeal.HashLength)
                    .SequenceEqual(AuditSeal.HashOf(module, row)))
                {
                    await report(new($"row {row.Id} was changed after seal {seal.Number} of {Format(seal.At)}"));
                }
            }
        }

        return aged;
    }

    /// <returns>The number of rows that may still wait for their seal.</returns>
    private async Task<long> CheckUnsealed(NpgsqlConnection connection, Func<AuditFinding, Task> report, CancellationToken ct)
    {
        var waiting = 0L;
        await using var command = Command(
            connection,
            $"""
            select id, at between now() - $1 and now() + interval '10 seconds' from {module}.audit
            where not exists (select from (select unnest(ids) as sealed from {module}.audit_seals) seals where sealed = id) order by id
            """);
        command.Parameters.Add(new() { Value = SealedWithin });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            if (reader.GetBoolean(1))
            {
                waiting++;
            }
            else
            {
                await report(new($"row {reader.GetGuid(0)} is not sealed"));
            }
        }

        return waiting;
    }

    /// <summary>Reads the seals from the first to the last, some at a time.</summary>
    private async IAsyncEnumerable<IReadOnlyList<AuditSeal>> ReadSeals(
        NpgsqlConnection connection, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var last = long.MinValue; ;)
        {
            var seals = new List<AuditSeal>();
            await using (var command = Command(
                connection,
                $"""
                select number, at, ids, row_hashes, previous, key_id, hash, signature from {module}.audit_seals
                where number > $1 order by number limit {SealsAtOnce}
                """))
            {
                command.Parameters.Add(new() { Value = last });
                await using var reader = await command.ExecuteReaderAsync(ct);
                while (await reader.ReadAsync(ct))
                {
                    seals.Add(new AuditSeal
                    {
                        Number = reader.GetInt64(0),
                        At = reader.GetFieldValue<DateTimeOffset>(1),
                        Ids = reader.GetFieldValue<Guid[]>(2),
                        RowHashes = reader.GetFieldValue<byte[]>(3),
                        Previous = reader.GetFieldValue<byte[]>(4),
                        KeyId = reader.GetString(5),
                        Hash = reader.GetFieldValue<byte[]>(6),
                        Signature = reader.GetFieldValue<byte[]>(7),
                    });
                }
            }

            if (seals.Count == 0)
            {
                yield break;
            }

            last = seals[^1].Number;
            yield return seals;
        }
    }

    /// <summary>
    /// Reads the trusted public keys: the key of this host, which the database cannot change, and those with trusted ids.
    /// </summary>
    private async Task<Dictionary<string, byte[]>> ReadKeys(
        NpgsqlConnection connection, IReadOnlyCollection<string> trusted, CancellationToken ct)
    {
        var keys = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [key.Id] = key.PublicKey };
        await using var command = Command(connection, $"select public_key from {module}.audit_seal_keys");
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var publicKey = reader.GetFieldValue<byte[]>(0);
            if (SealKey.IdOf(publicKey) is var id && trusted.Contains(id))
            {
                keys[id] = publicKey;
            }
        }

        return keys;
    }

    private static DateTimeOffset TimeOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = 0L;
        foreach (var b in bytes[..6])
        {
            milliseconds = (milliseconds << 8) | b;
        }

        const long lastMillisecond = 253_402_300_799_999;
        return DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, lastMillisecond));
    }

    private static async Task<T> Value<T>(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = Command(connection, sql);
        return (T)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>No time limit: an operator waits for the result.</summary>
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) => new(sql, connection) { CommandTimeout = 0 };
}
