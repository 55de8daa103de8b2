using Npgsql;

namespace Idoven.Host.Tests.Parts;

/// <summary>Adds rows to the outbox of the ecgs module by SQL, and checks the numbers of its events.</summary>
internal static class OutboxRows
{
    /// <summary>Adds one unnumbered public event per key, in the order of the keys.</summary>
    public static Task AddEvents(this RunningHost host, params Guid[] keys) => host.Execute(string.Join('\n', keys.Select(key =>
        $$"""
        insert into ecgs.outbox (message_id, key, type, is_public, body, created_at, attempts) values (gen_random_uuid(), '{{key}}',
          'Idoven.Ecgs.Contracts.EcgDeleted', true, '{"ecgId":"{{key}}","ownerId":"test","deletedAt":"2026-11-30T10:00:00Z"}', now(), 0);
        """)));

    /// <summary>Adds a message that the ecgs module sends to itself.</summary>
    /// <param name="host">The host.</param>
    /// <param name="key">The key of the row.</param>
    /// <param name="dueIn">The time until the relay may send the message.</param>
    /// <returns>The id of the row.</returns>
    public static Task<long> AddMessage(this RunningHost host, Guid key, TimeSpan dueIn = default) => host.Query<long>(
        $$"""
        insert into ecgs.outbox (message_id, key, type, is_public, body, created_at, attempts, next_attempt_at)
        values (gen_random_uuid(), '{{key}}',
          'Idoven.Ecgs.Contracts.EcgSubmitted', false, '{"ecgId":"{{Guid.NewGuid()}}"}', now(), 0, now() + $1) returning id
        """, dueIn);

    /// <summary>Adds two messages in one statement: one to the module users, then one to the module ecgs itself.</summary>
    /// <param name="host">The host.</param>
    /// <param name="key">The key of the first row.</param>
    /// <param name="secondKey">The key of the second row; that of the first if not given.</param>
    /// <returns>The ids of the rows.</returns>
    public static Task<long[]> AddTwoMessages(this RunningHost host, Guid key, Guid? secondKey = null) => host.Query<long[]>(
        $$"""
        with added as (
          insert into ecgs.outbox (message_id, key, type, is_public, body, created_at, attempts)
          select gen_random_uuid(), key, type, false, body::json, now(), 0 from (values
            (1, '{{key}}'::uuid, 'Idoven.Ecgs.Contracts.OwnerErased',
              '{"ownerId":"{{Guid.NewGuid()}}","counts":{} }'),
            (2, '{{secondKey ?? key}}', 'Idoven.Ecgs.Contracts.EcgSubmitted',
              '{"ecgId":"{{Guid.NewGuid()}}"}')) as message(place, key, type, body)
          order by place returning id)
        select array_agg(id order by id) from added
        """);

    /// <summary>Opens a transaction of its own and runs a statement in it. Disposing it rolls back.</summary>
    public static async Task<HeldTransaction> Hold(this HostSettings settings, string sql)
    {
        var connection = new NpgsqlConnection(settings.Admin);
        await connection.OpenAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        await command.ExecuteNonQueryAsync();
        return new HeldTransaction(connection, transaction);
    }

    /// <summary>Waits until every row is sent, then asserts that the numbers of all events are 1 to n, each once.</summary>
    public static async Task AssertEverythingSentWithoutHole(this RunningHost host, TimeSpan? within = null)
    {
        await Eventually.Holds(async () => await host.Query<long>("select count(*) from ecgs.outbox where sent_at is null") == 0, within);
        Assert.Equal(
            "true true true",
            await host.Query<string>(
                """
                select concat_ws(' ', (coalesce(min(sequence), 1) = 1)::text, (coalesce(max(sequence), 0) = count(*))::text,
                  (coalesce(max(sequence), 0) = (select last from ecgs.event_sequence))::text)
                from ecgs.outbox where is_public
                """));
    }
}

/// <summary>Represents an open transaction with its locks.</summary>
internal sealed class HeldTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    public int ProcessId => connection.ProcessID;

    public Task Commit() => transaction.CommitAsync();

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
