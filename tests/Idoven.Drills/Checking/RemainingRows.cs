using Idoven.Drills.Running;

namespace Idoven.Drills.Checking;

/// <summary>Looks for the ids of erased users in every column of every table of the modules.</summary>
internal static class RemainingRows
{
    /// <summary>
    /// The tables that keep the id on purpose: tombstones, the audit log, the access log (from which the erasure removes the ids of
    /// ECGs), revocations, messages about the deletion, and for 24 hours the result of the administrator's own request under an
    /// Idempotency-Key.
    /// </summary>
    private static readonly string[] Keep =
    [
        "users.idempotency",
        "ecgs.owners", "ecgs.outbox", "ecgs.revocations", "ecgs.accesses",
        "users.erasures", "users.erased_parts", "users.outbox", "users.revocations", "users.audit",
        "identity.erased_users", "identity.outbox", "identity.revocations", "identity.audit",
    ];

    public static async Task<List<(Guid User, string Column)>> Find(DrillDatabase database, Guid[] users, CancellationToken ct)
    {
        var columns = await database.Rows(
            """
            select c.table_schema || '.' || c.table_name, c.column_name from information_schema.columns as c
            join information_schema.tables as t using (table_schema, table_name)
            where c.table_schema in ('ecgs', 'users', 'identity') and t.table_type = 'BASE TABLE'
              and c.data_type in ('uuid', 'text', 'character varying')
            """,
            row => (Table: row.GetString(0), Column: row.GetString(1)), ct);
        var found = new List<(Guid, string)>();
        foreach (var (table, column) in columns.Where(column => !Keep.Contains(column.Table)))
        {
            found.AddRange(await database.Rows(
                $"select distinct {column}::text from {table} where {column}::text = any($1)",
                row => (Guid.Parse(row.GetString(0)), $"{table}.{column}"), ct, (object)users.Select(user => user.ToString()).ToArray()));
        }

        return found;
    }
}
