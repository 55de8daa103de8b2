using System.Diagnostics;
using Idoven.Shared.Messaging.Consumers;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Idoven.Shared.Audit;

/// <summary>The audit log of one module: rows in its own DbContext.</summary>
internal sealed class AuditLog<TDb>(TDb db, ICurrentActor actors, Inbox inbox, TimeProvider clock) : IAuditLog<TDb>
    where TDb : DbContext
{
    private const string Operator = "host";

    public void Add(AuditEntry entry) => db.Add(Row(entry));

    public async Task Record(AuditEntry entry)
    {
        // On the same connection: a request that waits for a second connection while it holds the first could wait forever.
        db.ChangeTracker.Clear();
        if (db.Database.CurrentTransaction is { } begun)
        {
            await begun.DisposeAsync();
        }

        var row = Row(entry);
        if (row is { Subject: null, Outcome: AuditRow.Refused })
        {
            // Requests without a token can be rejected any number of times, so they are counted instead of stored.
            var count =
                $"select {db.Model.GetDefaultSchema()}.count_refusal(@id, @action, @reason, @client, @target, @session, @address, @trace)";
            await db.Database.ExecuteSqlRawAsync(
                count,
                [
                    new NpgsqlParameter("id", row.Id),
                    Text("action", row.Action), Text("reason", row.Reason), Text("client", row.ClientId), Text("target", row.Target),
                    new NpgsqlParameter("session", NpgsqlDbType.Uuid) { Value = row.SessionId ?? (object)DBNull.Value },
                    new NpgsqlParameter("address", NpgsqlDbType.Inet) { Value = row.Address ?? (object)DBNull.Value },
                    Text("trace", row.TraceId),
                ],
                CancellationToken.None);
            return;
        }

        db.Add(row);
        await db.SaveChangesAsync(CancellationToken.None);
    }

    private static NpgsqlParameter Text(string name, string? value) =>
        new(name, NpgsqlDbType.Text) { Value = value ?? (object)DBNull.Value };

    private AuditRow Row(AuditEntry entry)
    {
        var now = clock.GetUtcNow();
        var actor = actors.Current;
        return new AuditRow
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            Action = entry.Action,
            Outcome = entry.IsRefused ? AuditRow.Refused : AuditRow.Success,
            Reason = entry.Reason,
            Subject = entry.Subject ?? (actor is null ? Elsewhere : actor.Subject),
            ClientId = entry.ClientId ?? actor?.ClientId,
            Target = entry.Target,
            SessionId = entry.SessionId ?? actor?.SessionId,
            Address = actor?.Address,
            TraceId = Activity.Current?.TraceId.ToHexString(),
        };
    }

    private string Elsewhere => inbox.Consumer is { } queue ? $"queue:{queue}" : Operator;
}
