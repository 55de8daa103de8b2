using Idoven.Drills.Checking;
using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>Faults of PostgreSQL and of the link to it.</summary>
internal static class DatabaseFaults
{
    private static readonly string[] Roles = ["ecgs_app", "users_app", "identity_app"];

    public static async Task Kill(FaultContext context)
    {
        await context.Servers.KillDatabase();
        await context.Hold(6);
        await context.Servers.StartDatabase(context.Ct);
    }

    public static async Task TerminateBackends(FaultContext context)
    {
        for (var i = 0; i < (context.IsQuick ? 3 : 8); i++)
        {
            await EndSessions(context, Roles);
            await context.Pause(0.3 + context.Random.NextDouble());
        }
    }

    public static async Task Freeze(FaultContext context)
    {
        var processes = context.Servers.DatabaseProcesses();
        foreach (var pid in processes)
        {
            Processes.SendStop(pid);
        }

        try
        {
            await context.Hold(18);
        }
        finally
        {
            foreach (var pid in processes.Where(Processes.IsAlive))
            {
                Processes.SendContinue(pid);
            }
        }
    }

    public static async Task Cut(FaultContext context)
    {
        for (var i = 0; i < (context.IsQuick ? 3 : 8); i++)
        {
            context.Host.Database.Cut();
            await context.Pause(0.2 + context.Random.NextDouble());
        }
    }

    public static Task HalfOpen(FaultContext context) => HoldMode(context, ProxyMode.HalfOpen, 18);

    public static Task Silence(FaultContext context) => HoldMode(context, ProxyMode.Silent, 18);

    public static Task RejectConnections(FaultContext context) => HoldMode(context, ProxyMode.Reject, 12);

    public static async Task Slow(FaultContext context)
    {
        context.Host.Database.Latency = TimeSpan.FromMilliseconds(150);
        await context.Hold(15);
        context.Host.Database.Set(ProxyMode.Pass);
    }

    /// <summary>Makes the database read-only, as after a failover to a standby or on a managed server whose disk is full.</summary>
    public static async Task ReadOnly(FaultContext context)
    {
        await AlterRoles(context, "set default_transaction_read_only = on", Roles);
        await context.Hold(18);
        await AlterRoles(context, "reset default_transaction_read_only", Roles);
    }

    /// <summary>
    /// Makes only the schema of ECGs reject writes, while a user who owns some is deleted: the deletion must eventually reach it.
    /// </summary>
    public static async Task ReadOnlyWhileErasing(FaultContext context)
    {
        var user = await context.Administrator.NewUser(ecgs: 3, context.Ct);
        await AlterRoles(context, "set default_transaction_read_only = on", "ecgs_app");
        if (user is null)
        {
            context.Observed.Add(new("fault-not-injected", "no user could be registered"));
        }
        else
        {
            await context.Administrator.Erase(user, context.Ct, CancellationToken.None);
        }

        // Long enough for 20 deliveries with three attempts each, after which the message used to be dead-lettered.
        await context.Hold(60);
        await AlterRoles(context, "reset default_transaction_read_only", "ecgs_app");
    }

    public static async Task TooManyConnections(FaultContext context)
    {
        await AlterRoles(context, "connection limit 0", Roles);
        await context.Hold(12);
        await AlterRoles(context, "connection limit -1", Roles);
    }

    /// <summary>Sets a statement timeout, a common safeguard, and locks a table for longer than that.</summary>
    public static async Task StatementTimeout(FaultContext context)
    {
        await AlterRoles(context, "set statement_timeout = '2s'", Roles);
        await context.Pause(1);
        await using (var holder = await context.Database.Open(context.Ct))
        {
            await using var transaction = await holder.BeginTransactionAsync(context.Ct);
            await using var hold = new Npgsql.NpgsqlCommand("lock table ecgs.outbox in access exclusive mode", holder, transaction);
            await hold.ExecuteNonQueryAsync(context.Ct);
            await context.Hold(10);
            await transaction.RollbackAsync(context.Ct);
        }

        await AlterRoles(context, "reset statement_timeout", Roles);
    }

    private static async Task HoldMode(FaultContext context, ProxyMode mode, double seconds)
    {
        context.Host.Database.Set(mode);
        await context.Hold(seconds);
        context.Host.Database.Set(ProxyMode.Pass);
    }

    /// <summary>Changes a setting of the roles and ends their sessions, because the setting is read at the start of a session.</summary>
    private static async Task AlterRoles(FaultContext context, string setting, params string[] roles)
    {
        foreach (var role in roles)
        {
            await context.Servers.Execute($"alter role {role} {setting}", context.Ct);
            if (!setting.StartsWith("reset", StringComparison.Ordinal) && !setting.EndsWith("-1", StringComparison.Ordinal))
            {
                var undo = setting.StartsWith("connection", StringComparison.Ordinal)
                    ? "connection limit -1"
                    : $"reset {setting.Split(' ')[1]}";
                context.Deployment.Undo(() => context.Servers.Execute($"alter role {role} {undo}"));
            }
        }

        await EndSessions(context, roles);
    }

    private static Task EndSessions(FaultContext context, string[] roles) =>
        context.Database.Execute(
            $"""
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and usename in ({string.Join(',', roles.Select(role => $"'{role}'"))})
            """,
            context.Ct);
}
