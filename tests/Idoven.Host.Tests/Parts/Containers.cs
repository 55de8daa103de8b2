using System.Diagnostics;
using System.Globalization;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;

namespace Idoven.Host.Tests.Parts;

internal sealed class ContainerDatabase(PostgreSqlContainer container) : IDatabaseServer
{
    public string ConnectionString => container.GetConnectionString();

    public static async Task<IDatabaseServer> Start()
    {
        var container = new PostgreSqlBuilder("postgres:17")
            .WithCommand("-c", "max_connections=400", "-c", "fsync=off") // The data need not survive the machine.
            .WithLabel(Labels.Create())
            .Build();
        await container.StartAsync();
        return new ContainerDatabase(container);
    }

    public ValueTask DisposeAsync() => container.DisposeAsync();
}

internal sealed class ContainerBroker(RabbitMqContainer container, int port) : IBroker
{
    private const int AmqpPort = 5672;

    public Uri Uri { get; } = new($"amqp://idoven:test@127.0.0.1:{port}/");

    public Uri Subscriber { get; } = new($"amqp://demo:demo@127.0.0.1:{port}/");

    public static async Task<IBroker> Start(params string[] virtualHosts)
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
        return new ContainerBroker(container, port);
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

/// <summary>Gets the labels by which the next <c>./idoven test</c> finds and removes the containers of a killed run.</summary>
internal static class Labels
{
    public static Dictionary<string, string> Create() => new()
    {
        ["idoven.run"] = Environment.GetEnvironmentVariable("IDOVEN_TEST_RUN") ?? "alone",
        ["idoven.pid"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
    };
}
