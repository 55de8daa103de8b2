using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>Faults with mixed schedules, an old release and repeated deliveries, and the baseline without a fault.</summary>
internal static class OtherFaults
{
    public static Task None(FaultContext context) => context.Hold(8);

    /// <summary>Runs the first release on host 1; both hosts take turns as leader and in analysing.</summary>
    public static async Task OldHost(FaultContext context)
    {
        await context.Hold(4);
        await context.Hosts[0].Terminate(context.Ct);
        await context.Hold(3);
        await context.Hosts[0].Start(context.Ct);
        await context.Hosts[1].Terminate(context.Ct);
        await context.Hold(3);
        await context.Hosts[1].Start(context.Ct);
    }

    public static async Task<string?> BuildOldHost(Deployment deployment, CancellationToken ct)
    {
        deployment.HostFolders[1] = await OldRelease.Build(ct);
        return null;
    }

    /// <summary>Cuts links during the load, so that the broker repeats some deliveries; the drill repeats all of them afterwards.</summary>
    public static async Task RepeatDeliveries(FaultContext context)
    {
        // Ensures that there is a message of every kind that deletes or revokes.
        if (await context.Administrator.NewUser(ecgs: 1, context.Ct) is { } user)
        {
            await context.Administrator.Erase(user, context.Ct, CancellationToken.None);
        }

        for (var i = 0; i < (context.IsQuick ? 2 : 6); i++)
        {
            context.Host.Broker.Cut();
            await context.Pause(0.5 + context.Random.NextDouble());
        }
    }

    /// <summary>Injects six small faults of random kinds, one after the other.</summary>
    public static async Task Mixed(FaultContext context)
    {
        for (var i = 0; i < 6; i++)
        {
            var host = context.Hosts[context.Random.Next(context.Hosts.Count)];
            switch (context.Random.Next(6))
            {
                case 0:
                    await host.Kill();
                    await host.Start(context.Ct);
                    break;
                case 1:
                    host.Freeze();
                    await context.Pause(1 + (2 * context.Random.NextDouble()));
                    host.Resume();
                    break;
                case 2:
                    host.Database.Cut();
                    break;
                case 3:
                    host.Broker.Cut();
                    break;
                case 4:
                    await context.Database.Execute(
                        """
                        select pg_terminate_backend(pid) from pg_stat_activity
                        where datname = current_database() and usename like '%\_app'
                        """,
                        context.Ct);
                    break;
                default:
                    host.Database.Latency = TimeSpan.FromMilliseconds(50);
                    await context.Pause(2);
                    host.Database.Latency = TimeSpan.Zero;
                    break;
            }

            await context.Pause(context.Random.NextDouble());
        }
    }
}
