using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests.Messaging;

/// <summary>Simulates an ECG whose analysis crashes the host, by a kill -9 of the host that holds its delivery.</summary>
public sealed class RedeliveryTests(RunningParts parts)
{
    private const string SubmittedExchange = "Idoven.Ecgs.Contracts:EcgSubmitted";
    private const string Analysis = "datname = current_database() and wait_event_type = 'Lock' and query like '%from ecgs.signal_blocks%'";

    [Fact]
    public async Task Ecg_whose_analysis_kills_the_host_fails_after_five_attempts()
    {
        var settings = await parts.OwnParts();
        await using var admin = NpgsqlDataSource.Create(settings.Admin);
        var host = await RunningHost.Start(settings);
        await using var submissions = await WatchingQueue.Bind(settings.Broker, SubmittedExchange);
        await using var events = await WatchingQueue.OfEvents(settings.Broker);
        using var owner = await host.NewOwner();
        var ecg = await owner.Submit();
        Assert.Equal("processed", await owner.EndStatus(ecg));
        await Eventually.Holds(() => Task.FromResult(submissions.Seen.Count == 1));
        await host.DisposeAsync();

        // Three attempts have failed; the fourth and the fifth are the first delivery of this message and its redelivery.
        await Execute(
            admin,
            $"""
            delete from ecgs.inbox;
            delete from ecgs.insight_sets where ecg_id = '{ecg}';
            update ecgs.ecgs set status = 'queued', attempts = 3, processed_at = null, next_attempt_at = now() + interval '1 hour'
              where id = '{ecg}'
            """);
        await using var holding = await admin.OpenConnectionAsync();
        await using (var transaction = await holding.BeginTransactionAsync())
        {
            await Execute(holding, "lock table ecgs.signal_blocks in access exclusive mode");
            await submissions.Publish(SubmittedExchange, submissions.Seen[0], id: Guid.NewGuid().ToString());
            await KillWhileItAnalyses(settings, admin);
            Assert.Equal(3, await Attempts());

            await KillWhileItAnalyses(settings, admin);
            Assert.Equal(4, await Attempts());

            using var last = await HostProcess.Start(settings);
            await Eventually.Holds(async () => await Attempts() == 5);
            Assert.Equal(0, await Analyses(admin));
            await events.Event("ecg.failed.v1", ecg);
            await transaction.RollbackAsync();
        }

        var failed = events.FindMessages(ecg).Single(message => message.RoutingKey == "ecg.failed.v1");
        Assert.Equal("analysis-failed", failed.Json.GetProperty("data").GetProperty("reason").GetString());
        Assert.Equal("failed", await Query<string>(admin, $"select status from ecgs.ecgs where id = '{ecg}'"));

        Task<int> Attempts() => Query<int>(admin, $"select attempts from ecgs.ecgs where id = '{ecg}'");
    }

    private static async Task KillWhileItAnalyses(HostSettings settings, NpgsqlDataSource admin)
    {
        using var host = await HostProcess.Start(settings);
        await Eventually.Holds(async () => await Analyses(admin) == 1);
        host.Kill();

        // The server does not detect that the client has disconnected while it waits for the lock.
        await Execute(admin, $"select pg_terminate_backend(pid) from pg_stat_activity where {Analysis}");
        await Eventually.Holds(async () => await Analyses(admin) == 0);
    }

    /// <summary>Gets the number of analyses that wait for their signal.</summary>
    private static Task<long> Analyses(NpgsqlDataSource admin) =>
        Query<long>(admin, $"select count(*) from pg_stat_activity where {Analysis}");

    private static async Task<T> Query<T>(NpgsqlDataSource admin, string sql)
    {
        await using var command = admin.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task Execute(NpgsqlDataSource admin, string sql)
    {
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
