using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>Faults that kill, freeze, stop and start hosts.</summary>
internal static class HostFaults
{
    private const double HeldWithinSeconds = 20;

    public static async Task Kill(FaultContext context)
    {
        await context.Host.Kill();
        await context.Hold(2);
        await context.Host.Start(context.Ct);
    }

    public static async Task KillRepeatedly(FaultContext context)
    {
        for (var i = 0; i < (context.IsQuick ? 2 : 4); i++)
        {
            await context.Host.Kill();
            await context.Host.Start(context.Ct);
            await context.Pause(context.Random.NextDouble() * 2);
        }
    }

    /// <summary>
    /// Kills the host while a trigger that sleeps holds results and their events inside their transactions. A message that was acknowledged
    /// before the commit would be lost, and an event that was published before it would report a result that was rolled back.
    /// </summary>
    public static async Task KillInCommit(FaultContext context)
    {
        for (var i = 0; i < (context.IsQuick ? 1 : 3); i++)
        {
            await context.Database.Execute(
                """
                create or replace function ecgs.drill_hold() returns trigger language plpgsql as
                  $$ begin perform pg_sleep(1); return new; end $$;
                create trigger drill_hold before insert on ecgs.insight_sets for each row execute function ecgs.drill_hold();
                """,
                context.Ct);
            var held = await context.WaitUntil(
                async () => await context.Database.Number(
                    "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'", context.Ct) > 0,
                HeldWithinSeconds);
            if (held is null)
            {
                context.Observed.Add(new("fault-not-injected", "no analysis was held at its commit within 20 s"));
            }

            // Wait until more deliveries queue up behind the held ones.
            await context.Pause(0.3);
            await context.Host.Kill();
            await context.Database.Execute("drop function ecgs.drill_hold cascade", context.Ct);
            await context.Host.Start(context.Ct);
            await context.Pause(0.5);
        }
    }

    public static async Task Freeze(FaultContext context)
    {
        context.Host.Freeze();
        await context.Hold(18);
        context.Host.Resume();
    }

    public static async Task StopAndStart(FaultContext context)
    {
        for (var i = 0; i < (context.IsQuick ? 1 : 2); i++)
        {
            await context.Host.Terminate(context.Ct);
            await context.Host.Start(context.Ct);
            await context.Pause(1);
        }
    }

    /// <summary>Restarts one host after the other, as the deployment of a new version does.</summary>
    public static async Task RollingRestarts(FaultContext context)
    {
        for (var round = 0; round < 2; round++)
        {
            foreach (var host in context.Hosts)
            {
                await host.Terminate(context.Ct);
                await host.Start(context.Ct);
                await context.Pause(0.5);
            }
        }
    }

    public static async Task KillAtRandom(FaultContext context)
    {
        for (var i = 0; i < 4; i++)
        {
            var host = context.Hosts[context.Random.Next(context.Hosts.Count)];
            await host.Kill();
            await context.Pause(context.Random.NextDouble() * 2);
            await host.Start(context.Ct);
        }
    }
}
