using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>Mixed schedules, an old release, repeated deliveries, and nothing at all.</summary>
internal static class OtherFaults
{
    public static Task None(FaultContext context) => context.Hold(8);

    /// <summary>Host 1 runs the first release; both take turns in leading and analysing.</summary>
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

    /// <summary>Links are cut meanwhile, so the broker repeats some deliveries by itself; the drill repeats all of them afterwards.</summary>
    public static async Task RepeatDeliveries(FaultContext context)
    {
        // So that there is a message of every kind that deletes or revokes.
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

    /// <summary>Six small faults of random kinds in a row.</summary>
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
                    host.Thaw();
                    break;
                case 2:
                    host.Database.Cut();
                    break;
                case 3:
                    host.Broker.Cut();
                    break;
                case 4:
                    await context.Database.Execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename like '%\\_app'", context.Ct);
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
