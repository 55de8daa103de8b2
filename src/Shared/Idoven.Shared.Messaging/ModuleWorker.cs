using Idoven.Shared.Data;
using Idoven.Shared.Data.Jobs;
using Idoven.Shared.Messaging.Leadership;
using Idoven.Shared.Messaging.Messages;
using Idoven.Shared.Messaging.Outbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Idoven.Shared.Messaging;

/// <summary>
/// Runs the module's relay and its background jobs on the one host that holds the lease of the module's leader. The workers of other hosts
/// are on standby: each second they try to take the lease.
/// </summary>
internal sealed class ModuleWorker<TDb>(
    ModuleDatabase<TDb> database,
    ModuleMessaging<TDb> module,
    HostId host,
    IServiceProvider services,
    IServiceScopeFactory scopes,
    TimeProvider clock,
    ILogger<ModuleWorker<TDb>> logger)
    : BackgroundService
    where TDb : DbContext
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StandByAfterFailure = TimeSpan.FromSeconds(3);
    private readonly ThrottledLog failures = new(clock);

    /// <summary>Gets the channel on which hosts that stand by wake the leader.</summary>
    private string Channel => $"{database.Schema}_due";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isWoken = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await LeadOrStandBy(isWoken, stoppingToken))
                {
                    isWoken = await module.Wait(Pause, stoppingToken);
                }
                else
                {
                    await Task.Delay(StandByAfterFailure, clock, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log(e);
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>
    /// Runs the jobs for as long as this host holds the lease. If another host leads, wakes it if needed and returns at once, so that a
    /// message that any host has committed is sent within milliseconds.
    /// </summary>
    /// <returns>
    /// False if this host gave the lease up because the database was unavailable to it: another host may reach the database.
    /// </returns>
    private async Task<bool> LeadOrStandBy(bool isWoken, CancellationToken ct)
    {
        await using var lease = await LeaderLease.TryTake(database.Sessions, database.Schema, host.Value, clock, ct);
        if (lease is not null)
        {
            return await Lead(lease, ct);
        }

        if (isWoken)
        {
            await using var notify = database.Background.CreateCommand($"notify {Channel}");
            await notify.ExecuteNonQueryAsync(ct);
        }

        return true;
    }

    /// <returns>False if the work found the database unavailable although the lease is valid.</returns>
    private async Task<bool> Lead(LeaderLease lease, CancellationToken ct)
    {
        await using var relay = ActivatorUtilities.CreateInstance<OutboxRelay<TDb>>(services, lease);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, lease.Lost);
        var hearing = ListenForSignals(stop.Token);
        try
        {
            while (lease.IsValid && !hearing.IsCompleted)
            {
                if (!await RunAll(relay, lease, ct))
                {
                    await module.Wait(Pause, stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The lease was lost while the worker was idle.
        }
        catch (Exception e) when (DatabaseUnavailable.Is(e) && !ct.IsCancellationRequested)
        {
            Log(e);
            return false;
        }
        finally
        {
            await stop.CancelAsync();
            await hearing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return true;
    }

    /// <summary>Wakes this worker for the commits of standby hosts, until it is stopped or its connection ends.</summary>
    private async Task ListenForSignals(CancellationToken ct)
    {
        await using var connection = await database.Sessions.OpenConnectionAsync(ct);
        connection.Notification += (_, _) => module.Signal();
        await using (var listen = new NpgsqlCommand($"listen {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }

        while (true)
        {
            await connection.WaitAsync(ct);
        }
    }

    /// <summary>
    /// Runs the relay and then each job once, as long as the lease is valid. A failure does not stop the other jobs, unless the database is
    /// unavailable.
    /// </summary>
    /// <returns>True if more may be waiting.</returns>
    /// <exception cref="Exception">The database is unavailable.</exception>
    private async Task<bool> RunAll(OutboxRelay<TDb> relay, LeaderLease lease, CancellationToken ct)
    {
        var more = await Run(() => relay.SendBatch(ct), ct);
        await using var scope = scopes.CreateBackgroundScope();
        foreach (var work in scope.ServiceProvider.GetServices<IBackgroundJob<TDb>>())
        {
            more |= lease.IsValid && await Run(() => work.RunBatch(ct), ct);
        }

        return more;
    }

    private async Task<bool> Run(Func<Task<bool>> work, CancellationToken ct)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (!DatabaseUnavailable.Is(e) && !ct.IsCancellationRequested)
        {
            Log(e);
            return false;
        }
    }

    private void Log(Exception e)
    {
        if (failures.TryEnter())
        {
            logger.LogWarning(e, "{Module}: a background job failed; it is tried again every second", module.Module);
        }
    }
}
