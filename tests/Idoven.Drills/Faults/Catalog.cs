using Idoven.Drills.Checking;
using Idoven.Drills.Running;

namespace Idoven.Drills.Faults;

/// <summary>Lists all faults by name. The method in each line implements the fault.</summary>
internal static class Catalog
{
    private static readonly FaultTraits NothingRepeats = new() { MayRepeatEvents = false };
    private static readonly FaultTraits BreaksCommits = new() { BreaksCommits = true };
    private static readonly FaultTraits MovesClock = new() { MovesClock = true };

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("none", "No fault; the memory of this run is the baseline for the others.", 1, OtherFaults.None) { Traits = NothingRepeats },

        // Hosts
        new("kill-host", "The host is killed (kill -9) and started after 2 s.", 1, HostFaults.Kill),
        new("kill-host-repeatedly", "The host is killed four times, also soon after its start.", 1, HostFaults.KillRepeatedly),
        new("kill-host-in-commit", "The host is killed while results are held inside their transactions.", 1, HostFaults.KillInCommit),
        new("kill-two-hosts", "One of two hosts is killed, four times, at random.", 2, HostFaults.KillAtRandom),
        new("freeze-host", "The host is frozen (SIGSTOP) for 18 s and then continues.", 1, HostFaults.Freeze),
        new("stop-host", "The host is stopped (SIGTERM) and started, twice.", 1, HostFaults.StopAndStart),
        new("roll-two-hosts", "Two hosts are restarted one after the other, twice.", 2, HostFaults.RollingRestarts),
        new("roll-three-hosts", "Three hosts are restarted one after the other, twice.", 3, HostFaults.RollingRestarts),

        // The leader
        new("freeze-leader", "The leader of two hosts is frozen; the other host must take over within 15 s.", 2, LeaderFaults.Freeze),
        new(
            "freeze-leader-numbering",
            "The leader is frozen in the transaction that numbers events.", 2, LeaderFaults.FreezeWhileNumbering),
        new(
            "silence-leader-database",
            "The leader's link to the database forwards nothing; the other host must take over.", 2, LeaderFaults.SilenceDatabaseLink)
        {
            Traits = BreaksCommits,
        },
        new(
            "swallow-leader-database",
            "The leader's link to the database discards everything after a random byte.", 2, LeaderFaults.SwallowDatabaseLink)
        {
            Traits = BreaksCommits,
        },

        // The broker
        new("kill-broker", "The broker is killed and started after 6 s.", 1, BrokerFaults.Kill) { BreaksServers = true },
        new("freeze-broker", "The broker is frozen for 27 s.", 1, BrokerFaults.Freeze) { BreaksServers = true },
        new("broker-alarm", "The broker raises its memory alarm and blocks publishers for 27 s.", 1, BrokerFaults.Alarm)
        {
            BreaksServers = true,
        },
        new("cut-broker", "The link to the broker is cut eight times.", 1, BrokerFaults.Cut),
        new("refuse-broker", "New connections to the broker are rejected for 10 s.", 1, BrokerFaults.RejectConnections),
        new("half-open-broker", "The link to the broker is half-open for 27 s: it accepts and discards.", 1, BrokerFaults.HalfOpen),
        new("silence-broker", "The link to the broker forwards nothing for 27 s.", 1, BrokerFaults.Silence),
        new("swallow-broker", "The link to the broker discards everything after a random byte, for 27 s.", 1, BrokerFaults.Swallow),
        new("slow-broker", "The link to the broker is 150 ms slower each way.", 1, BrokerFaults.Slow),

        // The database
        new("kill-database", "The postmaster and its backends are killed and started after 6 s.", 1, DatabaseFaults.Kill)
        {
            BreaksServers = true, Traits = BreaksCommits,
        },
        new("terminate-backends", "All sessions of the service are terminated, eight times.", 1, DatabaseFaults.TerminateBackends)
        {
            Traits = BreaksCommits,
        },
        new("freeze-database", "PostgreSQL is frozen for 18 s.", 1, DatabaseFaults.Freeze) { BreaksServers = true, Traits = BreaksCommits },
        new("cut-database", "The link to the database is cut eight times.", 1, DatabaseFaults.Cut) { Traits = BreaksCommits },
        new("refuse-database", "New connections to the database are rejected for 12 s.", 1, DatabaseFaults.RejectConnections)
        {
            Traits = BreaksCommits,
        },
        new("half-open-database", "The link to the database is half-open for 18 s.", 1, DatabaseFaults.HalfOpen) { Traits = BreaksCommits },
        new("silence-database", "The link to the database forwards nothing for 18 s.", 1, DatabaseFaults.Silence)
        {
            Traits = BreaksCommits,
        },
        new("slow-database", "The link to the database is 150 ms slower each way.", 1, DatabaseFaults.Slow),
        new("read-only-database", "The database rejects writes for 18 s.", 1, DatabaseFaults.ReadOnly)
        {
            BreaksServers = true, Traits = BreaksCommits,
        },
        new(
            "read-only-erasure",
            "The schema ecgs rejects writes for 60 s, while a user who owns ECGs is deleted.", 1, DatabaseFaults.ReadOnlyWhileErasing)
        {
            BreaksServers = true, Traits = BreaksCommits,
        },
        new(
            "too-many-connections",
            "The database rejects connections of the service's roles for 12 s.", 1, DatabaseFaults.TooManyConnections)
        {
            BreaksServers = true, Traits = BreaksCommits,
        },
        new(
            "statement-timeout",
            "Statements end after 2 s, and the outbox is locked for 10 s.", 1, DatabaseFaults.StatementTimeout)
        {
            BreaksServers = true, Traits = BreaksCommits,
        },
        new("full-disk", "The disk of the database is full for 15 s.", 1, DiskFault.Fill)
        {
            CannotRun = DiskFault.CannotRun, Prepare = DiskFault.Prepare, Traits = BreaksCommits,
        },

        // Clocks, releases, recordings, deliveries
        new("clock-jump", "The host's clock jumps three hours ahead, back, and an hour behind.", 1, ClockFault.Jump)
        {
            Prepare = ClockFault.Prepare, Traits = MovesClock,
        },
        new(
            "old-host",
            "A host of the first release runs together with one of this build; each runs alone for a while.", 2, OtherFaults.OldHost)
        {
            CannotRun = OldRelease.CannotRun, Prepare = OtherFaults.BuildOldHost,
        },
        new("poison-throws", "A recording makes an insight throw.", 1, PoisonFaults.Throw)
        {
            Traits = PoisonFaults.Traits, Settings = PoisonFaults.Settings,
        },
        new("poison-spins", "A recording makes an insight use the processor until its time budget is used up.", 1, PoisonFaults.Spin)
        {
            Traits = PoisonFaults.Traits, Settings = PoisonFaults.Settings,
        },
        new("poison-memory", "A recording makes an insight allocate memory until none is left.", 1, PoisonFaults.WantMemory)
        {
            Traits = PoisonFaults.Traits, Settings = PoisonFaults.Settings, Prepare = PoisonFaults.LimitMemory,
        },
        new("poison-kills-host", "A recording makes its analysis kill the host; a supervisor starts it again.", 1, PoisonFaults.KillHost)
        {
            Traits = PoisonFaults.Traits with { EndsHosts = true }, Settings = PoisonFaults.Settings,
        },
        new(
            "repeated-deliveries",
            "The broker link is cut, and afterwards every message between modules is delivered again.", 1, OtherFaults.RepeatDeliveries)
        {
            RepeatsDeliveries = true,
        },
        new("mixed", "Six small faults of random kinds on two hosts.", 2, OtherFaults.Mixed) { Traits = BreaksCommits },
    ];

    /// <summary>
    /// Gets the faults for CI: each takes a few seconds, and none breaks the shared servers, so they run at the same time.
    /// </summary>
    public static IReadOnlyList<string> Quick { get; } = ["kill-host-in-commit", "repeated-deliveries", "terminate-backends"];

    public static Fault? Find(string name) => All.FirstOrDefault(fault => fault.Name == name);
}
