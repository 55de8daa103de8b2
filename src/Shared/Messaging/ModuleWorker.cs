using Idoven.Shared.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Idoven.Shared.Messaging;

/// <summary>
/// The one background idea: what is due is taken, done and marked. One worker a schema is active at a time, the one that holds a
/// session advisory lock; those of other hosts stand by and take over when its connection ends.
/// </summary>
internal sealed class ModuleWorker<TDb>(
    ModuleDatabase<TDb> database, ModuleMessaging<TDb> module, IServiceScopeFactory scopes, TimeProvider clock, ILogger<ModuleWorker<TDb>> logger)
    : BackgroundService
    where TDb : DbContext
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ComplainEvery = TimeSpan.FromMinutes(1);
    private DateTimeOffset complained = DateTimeOffset.MinValue;

    /// <summary>On which hosts that stand by ring for the one that works.</summary>
    private string Channel => $"{database.Schema}_due";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var hasRung = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Lead(hasRung, stoppingToken);
                hasRung = await module.Wait(Pause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Complain(e);
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>
    /// Works for as long as the lock's connection lives. Where another host leads, it hands on the ring and returns at once: what is
    /// committed on any host leaves within milliseconds.
    /// </summary>
    private async Task Lead(bool hasRung, CancellationToken ct)
    {
        await using var connection = await database.Background.OpenConnectionAsync(ct);
        await using var take = new NpgsqlCommand("select pg_try_advisory_lock(hashtext($1), hashtext('worker'))", connection)
        {
            Parameters = { new() { Value = database.Schema } },
        };
        if (await take.ExecuteScalarAsync(ct) is not true)
        {
            if (hasRung)
            {
                await using var ring = new NpgsqlCommand($"notify {Channel}", connection);
                await ring.ExecuteNonQueryAsync(ct);
            }

            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var hearing = HearOthers(stop.Token);
        try
        {
            while (!hearing.IsCompleted)
            {
                await using (var alive = new NpgsqlCommand("select 1", connection))
                {
                    await alive.ExecuteScalarAsync(ct);
                }

                if (!await DoAll(ct))
                {
                    await module.Wait(Pause, ct);
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            await hearing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // The lock ends with the session: a pooled connection must not carry it on.
            NpgsqlConnection.ClearPool(connection);
        }

        await hearing;
    }

    /// <summary>Rings for the commits of hosts that stand by, until it is stopped or its connection ends.</summary>
    private async Task HearOthers(CancellationToken ct)
    {
        await using var connection = await database.Background.OpenConnectionAsync(ct);
        connection.Notification += (_, _) => module.Ring();
        await using (var listen = new NpgsqlCommand($"listen {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(ct);
        }

        while (true)
        {
            await connection.WaitAsync(ct);
        }
    }

    private async Task<bool> DoAll(CancellationToken ct)
    {
        var more = false;
        await using var scope = scopes.CreateBackgroundScope();
        foreach (var work in scope.ServiceProvider.GetServices<IDueWork<TDb>>())
        {
            try
            {
                more |= await work.Do(ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested && e is not NpgsqlException { InnerException: IOException })
            {
                // One kind of work that fails must not stop the others.
                Complain(e);
            }
        }

        return more;
    }

    private void Complain(Exception e)
    {
        if (clock.GetUtcNow() - complained >= ComplainEvery)
        {
            complained = clock.GetUtcNow();
            logger.LogWarning(e, "{Module}: work that is due could not be done; it is tried again every second", module.Module);
        }
    }
}
