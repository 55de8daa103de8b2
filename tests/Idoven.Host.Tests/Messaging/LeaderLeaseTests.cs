using System.Diagnostics.Metrics;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Data;
using Idoven.Shared.Messaging.Leadership;
using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Idoven.Host.Tests.Messaging;

/// <summary>
/// Tests the lease on a database without a host. The clock of the holder advances only if a test moves it, so the lease is not
/// renewed automatically.
/// </summary>
public sealed class LeaderLeaseTests(RunningParts parts) : IAsyncLifetime
{
    private static readonly TimeSpan Takeover = TimeSpan.FromSeconds(15);
    private readonly FakeTimeProvider clock = new();
    private readonly Guid host = Guid.NewGuid();
    private readonly Guid otherHost = Guid.NewGuid();
    private HostSettings settings = null!;
    private NpgsqlDataSource database = null!;
    private NpgsqlDataSource admin = null!;

    public async ValueTask InitializeAsync()
    {
        settings = new HostSettings(await parts.CreateMigratedDatabase(), parts.Broker.Uri);
        database = NpgsqlDataSource.Create(settings.ConnectionString("ecgs"));
        admin = NpgsqlDataSource.Create(settings.Admin);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        await admin.DisposeAsync();
    }

    [Fact]
    public async Task One_host_holds_the_lease_until_it_releases_it()
    {
        var first = await TakeLease(host);
        Assert.NotNull(first);
        Assert.Null(await TakeLease(otherHost));

        await first.DisposeAsync();
        await using var second = await TakeLease(otherHost);
        Assert.Equal(first.Epoch + 1, second!.Epoch);
        Assert.Null(await TakeLease(host));
    }

    [Fact]
    public async Task The_holder_renews_after_three_seconds()
    {
        await using var lease = await TakeLease(host);
        var until = await Query<DateTime>("select until from ecgs.leader");

        clock.Advance(TimeSpan.FromSeconds(3));

        await Eventually.Holds(async () => await Query<DateTime>("select until from ecgs.leader") > until);
        Assert.True(lease!.IsValid);
    }

    [Fact]
    public async Task Holder_suspended_for_ten_seconds_detects_that_its_lease_is_lost()
    {
        await using var lease = await TakeLease(host);

        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.False(lease!.IsValid);
        Assert.True(lease.Lost.IsCancellationRequested);
        await Assert.ThrowsAsync<LeaseLostException>(() => lease.Renew(CancellationToken.None));
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_is_taken_over_and_the_session_of_its_holder_ended()
    {
        await using var suspended = await TakeLease(host);
        var session = await Query<int>("select backend_pid from ecgs.leader");

        await using var other = await Eventually.Finds(() => TakeLease(otherHost), Takeover);

        Assert.Equal(suspended!.Epoch + 1, other.Epoch);
        Assert.Equal(0L, await Query<long>($"select count(*) from pg_stat_activity where pid = {session}"));
        await Assert.ThrowsAsync<LeaseLostException>(() => suspended.Renew(CancellationToken.None));
    }

    [Fact]
    public async Task A_host_whose_session_ended_takes_its_own_lease_again_at_once()
    {
        await using var ended = await TakeLease(host);
        await Execute("select pg_terminate_backend(backend_pid, 5000) from ecgs.leader");

        Assert.Null(await TakeLease(otherHost));
        await using var lease = await TakeLease(host);

        Assert.Equal(ended!.Epoch + 1, lease!.Epoch);
    }

    [Fact]
    public async Task A_host_of_the_previous_release_keeps_the_advisory_lock_that_it_holds()
    {
        await using var old = await database.OpenConnectionAsync();
        await using var locking = new NpgsqlCommand("select pg_advisory_lock(hashtext('ecgs'), hashtext('worker'))", old);
        await locking.ExecuteNonQueryAsync();

        // An expired lease of a session that had the same process id before.
        await Execute(
            $"update ecgs.leader set holder = '{otherHost}', until = clock_timestamp() - interval '1 second',"
            + $" backend_pid = {old.ProcessID}");

        Assert.Null(await TakeLease(host));
        Assert.Equal(1L, await Query<long>($"select count(*) from pg_stat_activity where pid = {old.ProcessID}"));

        await old.CloseAsync();
        NpgsqlConnection.ClearPool(old);
        await using var lease = await Eventually.Finds(() => TakeLease(host));
        Assert.True(lease.IsValid);
    }

    [Fact]
    public async Task Lease_of_an_earlier_epoch_cannot_number_events_or_mark_messages()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var numbering = new EventNumbering<DbContext>(
            new ModuleDatabase<DbContext>("ecgs", database, database, database), services.GetRequiredService<IMeterFactory>());
        var results = new SendResults("ecgs");
        var (key, messageId) = (Guid.NewGuid(), Guid.NewGuid());
        await Execute(
            $$"""
            insert into ecgs.outbox (message_id, key, type, is_public, body, created_at, attempts)
            values ('{{messageId}}', '{{key}}', 'Idoven.Ecgs.Contracts.EcgDeleted', true, '{}', now(), 0)
            """);
        await using var lease = await TakeLease(host);
        results.Confirm(new OutboxMessage(await Query<long>("select id from ecgs.outbox"), messageId, key, "", "", null, default, null));
        await Execute("update ecgs.leader set epoch = epoch + 1");

        await Assert.ThrowsAsync<LeaseLostException>(() => numbering.TryNumber(lease!, CancellationToken.None));
        await Assert.ThrowsAsync<LeaseLostException>(() => results.Write(lease!, CancellationToken.None));

        Assert.Equal(1L, await Query<long>("select count(*) from ecgs.outbox where sequence is null and sent_at is null"));
        Assert.Equal(0L, await Query<long>("select last from ecgs.event_sequence"));
    }

    [Fact]
    public async Task Lock_that_is_held_for_two_seconds_is_counted_and_no_event_is_numbered()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var counted = new List<string?>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "outbox_lock_timeouts" && instrument.Meter.Scope == meters)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Add(tags[0].Value as string));
        listener.Start();
        var numbering = new EventNumbering<DbContext>(new ModuleDatabase<DbContext>("ecgs", database, database, database), meters);
        await using var lease = await TakeLease(host);
        await using (await settings.Hold("select from ecgs.event_sequence for update"))
        {
            Assert.False(await numbering.TryNumber(lease!, CancellationToken.None));
        }

        Assert.Equal(["ecgs"], counted);
        Assert.True(await numbering.TryNumber(lease!, CancellationToken.None));
        Assert.Single(counted);
    }

    private Task<LeaderLease?> TakeLease(Guid holder) =>
        LeaderLease.TryTake(database, "ecgs", holder, clock, TestContext.Current.CancellationToken);

    private async Task<T> Query<T>(string sql)
    {
        await using var command = admin.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private async Task Execute(string sql)
    {
        await using var command = admin.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
