using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Data.Readiness;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Idoven.Ecgs.Infrastructure.Accesses;

/// <summary>
/// Stores the accesses of this host once a second, and a last time when it stops: new rows by COPY, higher counts of stored rows by one
/// statement, in one transaction. Rows that cannot be stored stay in memory for the next run.
/// </summary>
internal sealed class AccessWriter(
    AccessLog log, ModuleDatabase<EcgsDbContext> database, TimeProvider clock, ILogger<AccessWriter> logger)
    : PeriodicService("storing of the access log", Every, clock, logger), IReadinessNotice
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private const int ProbesPerRun = 1000;
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(3);
    private readonly ILogger logger = logger;
    private readonly TimeProvider clock = clock;
    private volatile bool isFailing;

    public string? Degraded => isFailing ? $"access log: {log.Held} rows wait in memory, because they cannot be stored" : null;

    protected override string Effect => "Accesses are kept in memory; beyond Access:Buffer rows, reads get 503.";

    protected override async Task RunOnce(CancellationToken stoppingToken)
    {
        await Write(stoppingToken);
        isFailing = false;
    }

    protected override void OnFailure() => isFailing = true;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            using var end = new CancellationTokenSource(StopWithin, clock);
            await Write(end.Token);
        }
        catch (Exception e)
        {
            logger.LogError(
                e, "{Rows} rows of the access log could not be stored before the host stopped; they are lost", log.Unstored().Count);
        }
    }

    private async Task Write(CancellationToken ct)
    {
        if (log.Probes(ProbesPerRun) is { Count: > 0 } probes)
        {
            log.Resolve(probes, await FindOwners([.. probes.Select(probe => probe.Id).Distinct()], ct));
        }

        var rows = log.Unstored();
        if (rows.Count > 0)
        {
            try
            {
                await Store(rows, ct);
            }
            catch
            {
                log.MarkUncertain(rows);
                throw;
            }
        }

        log.Confirm(rows);
    }

    private async Task<Dictionary<Guid, string>> FindOwners(Guid[] ids, CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand("select id, owner_id from ecgs.ecgs where id = any($1)");
        command.Parameters.Add(new NpgsqlParameter { Value = ids });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var owners = new Dictionary<Guid, string>();
        while (await reader.ReadAsync(ct))
        {
            owners.Add(reader.GetGuid(0), reader.GetString(1));
        }

        return owners;
    }

    private async Task Store(IReadOnlyList<UnstoredAccess> rows, CancellationToken ct)
    {
        await using var connection = await database.Background.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var known = await FindStored([.. rows.Where(row => row.Row.IsUncertain).Select(row => row.Row.Access.Id)], connection, ct);
        var isStored = rows.ToLookup(row => row.Row.Stored > 0 || known.Contains(row.Row.Access.Id));
        await Copy([.. isStored[false]], connection, ct);
        await UpdateCounts([.. isStored[true]], connection, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Returns the rows that an earlier attempt stored although its connection was lost.</summary>
    private static async Task<HashSet<Guid>> FindStored(Guid[] uncertain, NpgsqlConnection connection, CancellationToken ct)
    {
        var found = new HashSet<Guid>();
        if (uncertain.Length > 0)
        {
            await using var command = new NpgsqlCommand("select id from ecgs.accesses where id = any($1)", connection);
            command.Parameters.Add(new NpgsqlParameter { Value = uncertain });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
            {
                found.Add(reader.GetGuid(0));
            }
        }

        return found;
    }

    private static async Task Copy(UnstoredAccess[] rows, NpgsqlConnection connection, CancellationToken ct)
    {
        if (rows.Length == 0)
        {
            return;
        }

        await using var copy = await connection.BeginBinaryImportAsync(
            """
            copy ecgs.accesses (id, at, action, outcome, count, subject, client_id, session_id, ecg_id, owner_id, address, trace_id)
            from stdin (format binary)
            """, ct);
        foreach (var (row, count) in rows)
        {
            var access = row.Access;
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(access.Id, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(access.At, NpgsqlDbType.TimestampTz, ct);
            await copy.WriteAsync(access.Action, NpgsqlDbType.Varchar, ct);
            await copy.WriteAsync(access.Outcome, NpgsqlDbType.Varchar, ct);
            await copy.WriteAsync(count, NpgsqlDbType.Integer, ct);
            await copy.WriteAsync(access.Subject, NpgsqlDbType.Varchar, ct);
            await Write(access.ClientId, NpgsqlDbType.Varchar);
            await WriteId(access.SessionId);
            await WriteId(access.EcgId);
            await Write(access.OwnerId, NpgsqlDbType.Varchar);
            await Write(access.Address, NpgsqlDbType.Inet);
            await Write(access.TraceId, NpgsqlDbType.Varchar);
        }

        await copy.CompleteAsync(ct);

        Task Write<T>(T? value, NpgsqlDbType type)
            where T : class => value is null ? copy.WriteNullAsync(ct) : copy.WriteAsync(value, type, ct);

        Task WriteId(Guid? id) => id is { } value ? copy.WriteAsync(value, NpgsqlDbType.Uuid, ct) : copy.WriteNullAsync(ct);
    }

    private static async Task UpdateCounts(UnstoredAccess[] rows, NpgsqlConnection connection, CancellationToken ct)
    {
        if (rows.Length == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand("select ecgs.count_accesses($1, $2)", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = rows.Select(row => row.Row.Access.Id).ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = rows.Select(row => row.Count).ToArray() });
        await command.ExecuteNonQueryAsync(ct);
    }
}
