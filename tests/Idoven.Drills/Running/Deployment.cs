using System.Collections.Concurrent;
using System.Diagnostics;
using Idoven.Drills.Faults;
using Idoven.Drills.Load;
using RabbitMQ.Client;

namespace Idoven.Drills.Running;

/// <summary>Represents the deployment of one drill: its own database and virtual host, one to three hosts, and a subscriber.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    private static int count;
    private static readonly ConcurrentQueue<string> Retired = new();
    private readonly List<Func<Task>> undo = [];

    private Deployment(Servers servers, Template template, Reaper reaper, string name, string hostFolder)
    {
        (Servers, Template, Reaper, Name, HostFolder) = (servers, template, reaper, name, hostFolder);
        Database = new DrillDatabase(servers.Database(name));
        History = new History(Clock);
    }

    /// <summary>Gets the name of the database and of the virtual host.</summary>
    public string Name { get; }

    public Servers Servers { get; }

    public Template Template { get; }

    public Reaper Reaper { get; }

    /// <summary>Gets the path of the build under test.</summary>
    public string HostFolder { get; }

    public Stopwatch Clock { get; } = Stopwatch.StartNew();

    public DrillDatabase Database { get; }

    public History History { get; }

    public IReadOnlyList<DrillHost> Hosts { get; private set; } = [];

    public Subscriber Subscriber { get; private set; } = null!;

    public Uri BrokerAsService => Servers.Broker(Name);

    /// <summary>Creates database and virtual host, starts subscriber and hosts, and waits until all are ready.</summary>
    public static async Task<Deployment> Start(
        Servers servers, Template template, Reaper reaper, Fault fault, string hostFolder, CancellationToken ct)
    {
        var name = $"drill_{Interlocked.Increment(ref count)}";
        var deployment = new Deployment(servers, template, reaper, name, hostFolder);
        try
        {
            var virtualHost = servers.CreateVirtualHost(name, RetiredVirtualHosts(), ct);
            var tablespace = fault.Prepare is null ? null : await fault.Prepare(deployment, ct);
            await Template.Copy(servers, name, tablespace, ct);
            deployment.Undo(() => servers.Execute($"drop database if exists {name} with (force)"));
            await virtualHost;
            deployment.Subscriber = await Subscriber.Start(deployment.BrokerAsService, servers.Broker(name, asSubscriber: true), ct);
            deployment.Hosts =
            [
                .. Enumerable.Range(0, fault.Hosts).Select(index =>
                    new DrillHost(index, servers, deployment.Clock, reaper, host => Command(deployment, fault, host))),
            ];
            foreach (var host in deployment.Hosts)
            {
                host.StartProcess();
            }

            await Task.WhenAll(deployment.Hosts.Select(host => host.WaitUntilReady(ct)));
            return deployment;
        }
        catch
        {
            await deployment.DisposeAsync();
            throw;
        }
    }

    /// <summary>Registers an action that is run at the end, also after a failure, in reverse order.</summary>
    public void Undo(Func<Task> action) => undo.Add(action);

    /// <summary>Returns the host whose worker of the module ecgs is active; null if there is none.</summary>
    public async Task<DrillHost?> FindLeader(CancellationToken ct)
    {
        var ports = await Database.Rows(
            """
            select a.client_port from pg_locks as l join pg_stat_activity as a on a.pid = l.pid
            where l.locktype = 'advisory' and l.granted and l.objsubid = 2
              and l.database = (select oid from pg_database where datname = current_database())
              and l.classid = (hashtext('ecgs')::bigint & 4294967295)::oid and l.objid = (hashtext('worker')::bigint & 4294967295)::oid
            """,
            row => row.GetInt32(0), ct);
        return Hosts.FirstOrDefault(host => ports.Any(host.Database.Owns));
    }

    /// <summary>Waits until there is a leader.</summary>
    public async Task<DrillHost> WaitForLeader(CancellationToken ct)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(20))
        {
            if (await FindLeader(ct) is { } leader)
            {
                return leader;
            }

            await Task.Delay(50, ct);
        }

        throw new TimeoutException("No host became the leader of ecgs within 20 s.");
    }

    /// <summary>Counts the pending work in the database: unsent rows, unfinished ECGs and erasures, parked messages.</summary>
    public Task<long> CountPendingWork(CancellationToken ct) => Database.Number(
        """
        select (select count(*) from ecgs.outbox where sent_at is null) + (select count(*) from users.outbox where sent_at is null)
          + (select count(*) from identity.outbox where sent_at is null) + (select count(*) from ecgs.ecgs where status = 'queued')
          + (select count(*) from ecgs.owners where erased_at is not null and erasure_finished_at is null)
          + (select count(*) from users.erasures as e where (select count(*) from users.erased_parts as p where p.user_id = e.user_id) < 2)
          + (select count(*) from ecgs.parked) + (select count(*) from users.parked) + (select count(*) from identity.parked)
        """,
        ct);

    /// <summary>Counts the messages in the queues of the service, by the documented names of its consumers.</summary>
    public async Task<long> CountQueuedMessages(CancellationToken ct)
    {
        await using var connection = await new ConnectionFactory { Uri = BrokerAsService }.CreateConnectionAsync(ct);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: ct);
        var messages = 0L;
        foreach (var queue in Checking.Consumers.Queues)
        {
            messages += (await channel.QueueDeclarePassiveAsync(queue, ct)).MessageCount;
        }

        return messages;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Hosts)
        {
            await host.DisposeAsync();
        }

        if (Subscriber is not null)
        {
            await Subscriber.DisposeAsync();
        }

        await Database.DisposeAsync();
        Retired.Enqueue(Name);
        foreach (var action in Enumerable.Reverse(undo))
        {
            try
            {
                await action();
            }
            catch (Exception e) when (e is Npgsql.NpgsqlException or InvalidOperationException or IOException)
            {
                await Console.Error.WriteLineAsync($"drill: cleaning up after {Name}: {e.Message}");
            }
        }
    }

    /// <summary>
    /// Returns the virtual hosts of ended drills. They are removed with the next command, because each command takes a second.
    /// </summary>
    private static List<string> RetiredVirtualHosts()
    {
        var names = new List<string>();
        while (Retired.TryDequeue(out var name))
        {
            names.Add(name);
        }

        return names;
    }

    private static ProcessStartInfo Command(Deployment deployment, Fault fault, DrillHost host)
    {
        var (servers, drill, masterKey) = (deployment.Servers, deployment.Name, deployment.Template.MasterKey);
        var folder = deployment.HostFolders.GetValueOrDefault(host.Index, deployment.HostFolder);
        var command = fault.Traits.HasPoison || fault.Traits.MovesClock
            ? HostCommand.StartAltered(servers, drill, drill, masterKey, host, fault.Settings)
            : HostCommand.Start(folder, servers, drill, drill, masterKey, host, fault.Settings);
        foreach (var (name, value) in deployment.Environment)
        {
            command.Environment[name] = value;
        }

        return command;
    }

    /// <summary>Gets the build folders of hosts that run another build, by index. A fault fills it before the hosts start.</summary>
    public Dictionary<int, string> HostFolders { get; } = [];

    /// <summary>Gets the environment variables of the hosts. A fault fills it before they start.</summary>
    public Dictionary<string, string> Environment { get; } = [];
}
