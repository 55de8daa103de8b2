using System.Collections.Concurrent;
using Idoven.Drills.Running;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Idoven.Drills.Checking;

/// <summary>
/// Delivers messages between modules a second time, as a broker does if an acknowledgement was lost, and finds the tables that change.
/// Most consumers write the same values the second time, but a rewritten row has another version (xmin), so the versions are compared.
/// </summary>
internal sealed class Repetition : IAsyncDisposable
{
    private static readonly string[] Tables =
    [
        "ecgs.ecgs", "ecgs.insight_sets", "ecgs.owners", "ecgs.revocations",
        "users.users", "users.erasures", "users.erased_parts", "users.audit", "users.revocations",
        "identity.accounts", "identity.one_time_tokens", "identity.erased_users", "identity.sessions", "identity.audit",
        "identity.revocations",
    ];

    private readonly IConnection connection;
    private readonly IChannel channel;
    private readonly string queue;
    private readonly ConcurrentQueue<(string Exchange, BasicProperties Properties, byte[] Body)> copies = new();

    private Repetition(IConnection connection, IChannel channel, string queue) =>
        (this.connection, this.channel, this.queue) = (connection, channel, queue);

    /// <summary>Starts copying every message between modules.</summary>
    public static async Task<Repetition> Start(Uri broker, CancellationToken ct)
    {
        var connection = await new ConnectionFactory { Uri = broker, ClientProvidedName = "drill-copies" }.CreateConnectionAsync(ct);
        var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        var queue = (await channel.QueueDeclareAsync(cancellationToken: ct)).QueueName;
        var repetition = new Repetition(connection, channel, queue);
        foreach (var exchange in Consumers.All.Select(consumer => Exchange(consumer.Message)).Distinct())
        {
            await channel.QueueBindAsync(queue, exchange, "", cancellationToken: ct);
        }

        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            repetition.copies.Enqueue((delivery.Exchange, new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, ct);
        return repetition;
    }

    /// <summary>Sends every copy again under its own id, waits until the queues are empty, and compares the tables.</summary>
    /// <returns>The tables that changed.</returns>
    public async Task<IReadOnlyList<string>> RepeatAll(Deployment deployment, CancellationToken ct)
    {
        var messages = copies.ToList();
        foreach (var exchange in Consumers.All.Select(consumer => Exchange(consumer.Message)).Distinct())
        {
            await channel.QueueUnbindAsync(queue, exchange, "", cancellationToken: ct);
        }

        // A first delivery that is still being handled would look like an effect of the second.
        await WaitUntilIdle(deployment, ct);
        var before = await ComputeDigests(deployment.Database, ct);
        foreach (var (exchange, properties, body) in messages)
        {
            await channel.BasicPublishAsync(exchange, "", mandatory: false, properties, body, ct);
        }

        await WaitUntilIdle(deployment, ct);
        var after = await ComputeDigests(deployment.Database, ct);
        return [.. Tables.Where(table => before.GetValueOrDefault(table) != after.GetValueOrDefault(table))];
    }

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        await connection.DisposeAsync();
    }

    private static string Exchange(string message) => $"{message[..message.LastIndexOf('.')]}:{message[(message.LastIndexOf('.') + 1)..]}";

    /// <summary>Waits until the queues were empty in several successive checks, because messages in processing are not counted.</summary>
    private static async Task WaitUntilIdle(Deployment deployment, CancellationToken ct)
    {
        var end = deployment.Clock.Elapsed + TimeSpan.FromSeconds(20);
        for (var empty = 0; empty < 5 && deployment.Clock.Elapsed < end;)
        {
            empty = await deployment.CountQueuedMessages(ct) + await deployment.CountPendingWork(ct) == 0 ? empty + 1 : 0;
            await Task.Delay(200, ct);
        }
    }

    private static async Task<Dictionary<string, string>> ComputeDigests(DrillDatabase database, CancellationToken ct)
    {
        var digests = new Dictionary<string, string>();
        foreach (var table in Tables)
        {
            if (await database.Number($"select count(*) from pg_class where oid = to_regclass('{table}')", ct) == 1)
            {
                digests[table] = (await database.Rows(
                    $"select coalesce(md5(string_agg(t.xmin::text || t::text, ',' order by t::text)), '') from {table} as t",
                    row => row.GetString(0), ct)).Single();
            }
        }

        return digests;
    }
}
