using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>Faults in which the leader hangs; another host must take over, and the old leader must not continue.</summary>
internal static class LeaderFaults
{
    private const double TakeoverSeconds = 15;
    private const double HeldWithinSeconds = 20;

    public static async Task Freeze(FaultContext context)
    {
        var leader = await context.Deployment.WaitForLeader(context.Ct);
        leader.Freeze();
        await ExpectTakeover(context, leader);
        await context.Hold(5);
        leader.Resume();
    }

    /// <summary>Freezes the leader in the transaction that numbers events, while the counter is locked.</summary>
    public static async Task FreezeWhileNumbering(FaultContext context)
    {
        const int gate = 4711;
        var leader = await context.Deployment.WaitForLeader(context.Ct);
        await context.Database.Execute(
            $"""
            create function ecgs.drill_gate() returns trigger language plpgsql as
              $$ begin perform pg_advisory_xact_lock({gate}); return new; end $$;
            create trigger drill_gate before update of sequence on ecgs.outbox for each row
              when (old.sequence is null and new.sequence is not null) execute function ecgs.drill_gate();
            """,
            context.Ct);
        await using (var holder = await context.Database.Open(context.Ct))
        {
            await using var hold = new Npgsql.NpgsqlCommand($"select pg_advisory_lock({gate})", holder);
            await hold.ExecuteNonQueryAsync(context.Ct);
            var waits = await context.WaitUntil(
                async () => await context.Database.Number(
                    $"""
                    select count(*) from pg_locks
                    where locktype = 'advisory' and objid = {gate} and not granted
                      and database = (select oid from pg_database where datname = current_database())
                    """,
                    context.Ct) > 0,
                HeldWithinSeconds);
            if (waits is null)
            {
                context.Observed.Add(new("fault-not-injected", "no numbering transaction was held within 20 s"));
            }

            leader.Freeze();
            await using var release = new Npgsql.NpgsqlCommand($"select pg_advisory_unlock({gate})", holder);
            await release.ExecuteNonQueryAsync(context.Ct);
        }

        await ExpectTakeover(context, leader);
        leader.Resume();
        await context.Pause(1);
        await context.Database.Execute("drop function ecgs.drill_gate cascade", context.Ct);
    }

    public static async Task SilenceDatabaseLink(FaultContext context)
    {
        var leader = await context.Deployment.WaitForLeader(context.Ct);
        leader.Database.Set(ProxyMode.Silent);
        await ExpectTakeover(context, leader);
        await context.Hold(10);
        leader.Database.Set(ProxyMode.Pass);
    }

    public static async Task SwallowDatabaseLink(FaultContext context)
    {
        var leader = await context.Deployment.WaitForLeader(context.Ct);
        leader.Database.SwallowAfter(context.Random.Next(0, 20_000));
        await ExpectTakeover(context, leader);
        await context.Hold(5);
        leader.Database.Set(ProxyMode.Pass);
    }

    private static async Task ExpectTakeover(FaultContext context, DrillHost leader)
    {
        var other = context.Hosts.First(host => host != leader);
        var seconds = await context.MeasureProcessing(other, TakeoverSeconds + 5);
        context.Notes.Add(FormattableString.Invariant($"takeover {seconds:0.0} s"));
        if (seconds is null or > TakeoverSeconds)
        {
            context.Observed.Add(new("takeover", seconds is null
                ? "no other host took over"
                : FormattableString.Invariant($"another host took over after {seconds:0.0} s")));
        }
    }
}
