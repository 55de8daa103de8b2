using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging.Leadership;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Messaging.Consumers;

/// <summary>
/// Writes the module's row of this host in <c>hosts</c>, every three seconds, and every second while the gate is closed. A commit opens the
/// gate of the module's consumers; an unavailable database closes it.
/// </summary>
internal sealed class WriteCheck<TDb>(
    ModuleDatabase<TDb> database, ConsumerGate<TDb> gate, HostId host, TimeProvider clock, ILogger<WriteCheck<TDb>> logger)
    : PeriodicService($"write check of {database.Schema}", ClosedPeriod, clock, logger)
    where TDb : DbContext
{
    public static readonly TimeSpan ClosedPeriod = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan OpenPeriod = TimeSpan.FromSeconds(3);
    private const int TimeoutSeconds = 5;

    // Includes the wait for a connection: while the database does not respond, other statements can hold all connections.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(TimeoutSeconds);
    private readonly TimeProvider clock = clock;
    private long? written;

    protected override async Task RunOnce(CancellationToken stoppingToken)
    {
        if (gate.IsOpen && written is { } last && clock.GetElapsedTime(last) < OpenPeriod)
        {
            return;
        }

        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, limit.Token);
        try
        {
            await Write(either.Token);
            written = clock.GetTimestamp();
            gate.Open();
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            var silence = new TimeoutException($"nothing could be written within {TimeoutSeconds} s");
            gate.Close(silence);
            throw silence;
        }
        catch (Exception e) when (DatabaseUnavailable.Is(e) && !stoppingToken.IsCancellationRequested)
        {
            gate.Close(e);
            throw;
        }
    }

    private async Task Write(CancellationToken ct)
    {
        await using var command = database.Background.CreateCommand(
            $"""
            with expired as (
              delete from {database.Schema}.hosts where id in (
                select id from {database.Schema}.hosts where seen_at < clock_timestamp() - interval '1 day' for update skip locked))
            insert into {database.Schema}.hosts (id, seen_at) values ($1, clock_timestamp())
            on conflict (id) do update set seen_at = excluded.seen_at
            """);
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.Add(new() { Value = host.Value });
        await command.ExecuteNonQueryAsync(ct);
    }
}
