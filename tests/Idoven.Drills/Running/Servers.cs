using System.Globalization;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Drills.Running;

/// <summary>Represents the private PostgreSQL and RabbitMQ of a run: started once, used by every drill, removed at the end.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly NativeParts parts;
    private readonly Reaper reaper;

    private Servers(NativeParts parts, Reaper reaper)
    {
        (this.parts, this.reaper) = (parts, reaper);
        RegisterProcesses();
    }

    /// <summary>Gets the connection string of a superuser.</summary>
    public string Admin => parts.ConnectionString;

    public int DatabasePort => new NpgsqlConnectionStringBuilder(Admin).Port;

    public int BrokerPort => parts.Uri.Port;

    /// <summary>Gets the process id of the postmaster.</summary>
    public int DatabaseProcess => ReadState("postgres").Pid;

    public int BrokerProcess => ReadState("rabbitmq").Pid;

    public static async Task<Servers> Start(Reaper reaper) => new(await NativeParts.Start(), reaper);

    /// <summary>Returns the address of a virtual host of the broker.</summary>
    /// <param name="asSubscriber">True for the user of the subscriber <c>demo</c>; false for the service's own user.</param>
    /// <param name="port">The port of a proxy; null for the broker's own.</param>
    public Uri Broker(string virtualHost, bool asSubscriber = false, int? port = null) =>
        new UriBuilder(asSubscriber ? parts.Subscriber : parts.Uri) { Port = port ?? BrokerPort, Path = virtualHost }.Uri;

    public string Database(string name, string? user = null, int? port = null)
    {
        var connection = new NpgsqlConnectionStringBuilder(Admin) { Database = name };
        if (user is not null)
        {
            (connection.Username, connection.Password) = (user, "drill");
        }

        connection.Port = port ?? connection.Port;
        return connection.ConnectionString;
    }

    /// <summary>Runs SQL as a superuser in the database <c>postgres</c>.</summary>
    public async Task Execute(string sql, CancellationToken ct = default)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Admin) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Creates a virtual host, with the permissions that broker/definitions.json gives, and removes others.</summary>
    public async Task CreateVirtualHost(string name, IReadOnlyList<string> removed, CancellationToken ct)
    {
        const string all = """<<".*">>""";
        const string own = """<<"^sub\\.demo\\..*">>""";
        const string readable = """<<"^(idoven\\.events|sub\\.demo\\..*)$">>""";
        var remove = string.Concat(removed.Select(other => $"catch rabbit_vhost:delete(<<\"{other}\">>, <<\"drill\">>), "));
        var result = await BrokerControl(
            [
                "eval",
                $$"""
                {{remove}}rabbit_vhost:add(<<"{{name}}">>, <<"drill">>),
                rabbit_auth_backend_internal:set_permissions(<<"idoven">>, <<"{{name}}">>, {{all}}, {{all}}, {{all}}, <<"drill">>),
                rabbit_auth_backend_internal:set_permissions(<<"demo">>, <<"{{name}}">>, {{own}}, {{own}}, {{readable}}, <<"drill">>).
                """,
            ],
            ct);
        if (result.Trim() != "ok")
        {
            throw new InvalidOperationException($"The virtual host {name} could not be created: {result}");
        }
    }

    /// <summary>Returns the number of messages in every queue of a virtual host, including delivered but unacknowledged ones.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Queues(string virtualHost, CancellationToken ct)
    {
        var lines = await BrokerControl(["--quiet", "list_queues", "-p", virtualHost, "--no-table-headers", "name", "messages"], ct);
        return lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t'))
            .Where(fields => fields.Length == 2)
            .ToDictionary(
                fields => fields[0],
                fields => long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var messages) ? messages : -1);
    }

    /// <summary>Runs <c>rabbitmqctl</c> against the private broker.</summary>
    /// <returns>The output of the command.</returns>
    public Task<string> BrokerControl(string[] arguments, CancellationToken ct)
    {
        var data = Path.Combine(DataFolder, "rabbitmq");
        string[] asUser = Environment.UserName == "root" ? ["setpriv", "--reuid=rabbitmq", "--regid=rabbitmq", "--init-groups", "--"] : [];
        return Processes.Run(
            "env",
            [
                "-i", $"PATH={Environment.GetEnvironmentVariable("PATH")}", "LANG=C.UTF-8", .. asUser,
                "env", $"HOME={data}", "RABBITMQ_NODENAME=idoven@localhost", $"ERL_EPMD_PORT={ReadState("epmd").StartedAs}",
                "RABBITMQ_CONF_ENV_FILE=/dev/null", "/usr/lib/rabbitmq/bin/rabbitmqctl", .. arguments,
            ],
            folder: "/",
            ct: ct);
    }

    public async Task KillBroker()
    {
        var pid = BrokerProcess;
        Processes.SendKill(pid);
        await WaitForEnd(pid);
    }

    public async Task StartBroker()
    {
        await ((IBroker)parts).Start();
        RegisterProcesses();
    }

    /// <summary>Kills the postmaster and every backend with kill -9, as in a crash of the machine.</summary>
    public async Task KillDatabase()
    {
        var postmaster = DatabaseProcess;
        var all = DatabaseProcesses();
        Processes.SendKill(postmaster);
        foreach (var pid in all)
        {
            Processes.SendKill(pid);
        }

        await WaitForEnd(postmaster);
    }

    public async Task StartDatabase(CancellationToken ct)
    {
        await Processes.Run(Path.Combine(Repository.Root, "idoven"), ["parts", "start", parts.Home], ct: ct);
        RegisterProcesses();
    }

    /// <summary>Returns the process ids of the postmaster and its backends.</summary>
    public IReadOnlyList<int> DatabaseProcesses() => [DatabaseProcess, .. Processes.GetChildren(DatabaseProcess)];

    public async ValueTask DisposeAsync()
    {
        // Processes that a fault left stopped would not end.
        foreach (var pid in DatabaseProcesses().Append(BrokerProcess).Where(Processes.IsAlive))
        {
            Processes.SendContinue(pid);
        }

        await parts.DisposeAsync();
    }

    private string DataFolder => File.ReadLines(Path.Combine(parts.Home, "state"))
        .First(line => line.StartsWith("DATA=", StringComparison.Ordinal))["DATA=".Length..];

    private (int Pid, string StartedAs) ReadState(string name)
    {
        var fields = File.ReadAllText(Path.Combine(parts.Home, "run", name)).Trim().Split(' ', 3);
        return (int.Parse(fields[0], CultureInfo.InvariantCulture), fields.Length > 2 ? fields[2] : "");
    }

    private void RegisterProcesses()
    {
        foreach (var name in (string[])["postgres", "rabbitmq", "epmd"])
        {
            if (Processes.IsAlive(ReadState(name).Pid))
            {
                reaper.AddProcess(ReadState(name).Pid);
            }
        }
    }

    private static async Task WaitForEnd(int pid)
    {
        while (Processes.IsAlive(pid))
        {
            await Task.Delay(20);
        }
    }
}
