using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Messaging;

public sealed class RetentionTests(RunningParts parts)
{
    private const string Expired = "expired";

    [Theory]
    [InlineData("inbox", "consumer", "7 days")]
    [InlineData("idempotency", "key", "24 hours")]
    [InlineData("outbox", "traceparent", "1 day")]
    [InlineData("outbox", "traceparent", "30 days")]
    public async Task Rows_are_deleted_once_they_are_past_their_retention_and_not_an_hour_earlier(
        string table, string name, string retention)
    {
        var settings = await parts.OwnParts();
        await using (var admin = NpgsqlDataSource.Create(settings.Admin))
        await using (var insert = admin.CreateCommand(Insert(table, isPublic: retention == "30 days", retention)))
        {
            await insert.ExecuteNonQueryAsync();
        }

        // A host deletes expired rows when it becomes the leader.
        await using var host = await RunningHost.Start(settings);

        await Eventually.Holds(async () => await Count(Expired) == 0);
        Assert.Equal(1L, await Count("kept"));

        Task<long> Count(string row) => host.Query<long>($"select count(*) from ecgs.{table} where {name} = $1", row);
    }

    /// <summary>Returns a statement that adds a row past its retention, and another that is an hour younger than its retention.</summary>
    private static string Insert(string table, bool isPublic, string retention)
    {
        var rows = $"(values (1, '{Expired}', now() - interval '{retention}' - interval '1 hour'),"
            + $" (2, 'kept', now() - interval '{retention}' + interval '1 hour')) as row (number, name, at)";
        return table switch
        {
            "inbox" => $"insert into ecgs.inbox (message_id, consumer, received_at) select gen_random_uuid(), name, at from {rows}",
            "idempotency" =>
                $"""
                insert into ecgs.idempotency (subject, client_id, route, key, body_sha256, resource_id, created_at)
                select 'a subject', 'a client', 'POST /', name, sha256('a body'), gen_random_uuid(), at from {rows}
                """,
            _ =>
                $$"""
                insert into ecgs.outbox (message_id, key, type, is_public, body, traceparent, created_at, sequence, sent_at, attempts)
                select gen_random_uuid(), gen_random_uuid(), 'Idoven.Ecgs.Contracts.EcgDeleted', {{isPublic}}, '{}', name, at,
                  {{(isPublic ? "number" : "null::bigint")}}, at, 0 from {{rows}};
                update ecgs.event_sequence set last = {{(isPublic ? 2 : 0)}}
                """,
        };
    }
}
