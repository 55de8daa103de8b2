using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using DotNet.Testcontainers.Containers;
using Npgsql;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;

namespace Idoven.Host.Tests.Parts;

internal sealed class ContainerDatabase(PostgreSqlContainer container, string connectionString) : IDatabaseServer
{
    private const int Port = 5432;

    public string ConnectionString { get; } = connectionString;

    public static async Task<IDatabaseServer> Start()
    {
        var container = new PostgreSqlBuilder("postgres:17")
            .WithCommand("-c", "max_connections=400", "-c", "fsync=off") // The data need not survive the machine.
            .WithLabel(Labels.Create())
            .Build();
        await container.StartAsync();
        var published = container.GetConnectionString();
        return new ContainerDatabase(
            container,
            await container.IsReachable(Port)
                ? new NpgsqlConnectionStringBuilder(published) { Host = container.IpAddress, Port = Port }.ConnectionString
                : published);
    }

    public ValueTask DisposeAsync() => container.DisposeAsync();
}

internal sealed class ContainerBroker(RabbitMqContainer container, string address) : IBroker
{
    private const int AmqpPort = 5672;

    public Uri Uri { get; } = new($"amqp://idoven:test@{address}/");

    public Uri Subscriber { get; } = new($"amqp://demo:demo@{address}/");

    /// <summary>Starts the broker of the whole run, which never stops.</summary>
    public static async Task<IBroker> Start(string[] virtualHosts)
    {
        var (container, port) = await StartContainer(virtualHosts);
        var isReachable = await container.IsReachable(AmqpPort);
        return new ContainerBroker(container, isReachable ? $"{container.IpAddress}:{AmqpPort}" : $"127.0.0.1:{port}");
    }

    /// <summary>
    /// Starts a broker that may be stopped and started: the published port stays, and the container's own address may change.
    /// </summary>
    public static async Task<IBroker> Start()
    {
        var (container, port) = await StartContainer([]);
        return new ContainerBroker(container, $"127.0.0.1:{port}");
    }

    private static async Task<(RabbitMqContainer Container, int Port)> StartContainer(string[] virtualHosts)
    {
        // A published port that the test chooses survives a stop and start; one that the engine chooses would change.
        var port = FreePort.Take();
        var container = new RabbitMqBuilder("rabbitmq:4-management")
            .WithResourceMapping(await Definitions(virtualHosts), "/definitions.json")
            .WithEnvironment("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-rabbit load_definitions \"/definitions.json\"")
            .WithPortBinding(port, AmqpPort)
            .WithLabel(Labels.Create())
            .Build();
        await container.StartAsync();
        return (container, port);
    }

    public Task Stop() => container.StopAsync();

    Task IBroker.Start() => container.StartAsync();

    public ValueTask DisposeAsync() => container.DisposeAsync();

    private static async Task<byte[]> Definitions(string[] virtualHosts)
    {
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "broker", "definitions.sh"), virtualHosts)
        {
            Environment = { ["IDOVEN_PASSWORD"] = "test", ["SUBSCRIBER_PASSWORD"] = "demo" },
            RedirectStandardOutput = true,
        })!;
        using var definitions = new MemoryStream();
        await script.StandardOutput.BaseStream.CopyToAsync(definitions);
        await script.WaitForExitAsync();
        return script.ExitCode == 0 ? definitions.ToArray() : throw new InvalidOperationException("broker/definitions.sh failed.");
    }
}

internal static class ContainerAddresses
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Returns whether the container's own address can be used, as on Linux. Otherwise the published port must be, whose bytes pass through
    /// another process.
    /// </summary>
    public static async Task<bool> IsReachable(this IContainer container, int port)
    {
        using var client = new TcpClient();
        using var deadline = new CancellationTokenSource(Limit);
        try
        {
            await client.ConnectAsync(container.IpAddress, port, deadline.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>Gets the labels by which the next <c>./idoven test</c> finds and removes the containers of a killed run.</summary>
internal static class Labels
{
    public static Dictionary<string, string> Create() => new()
    {
        ["idoven.run"] = Environment.GetEnvironmentVariable("IDOVEN_TEST_RUN") ?? "alone",
        ["idoven.pid"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
    };
}
