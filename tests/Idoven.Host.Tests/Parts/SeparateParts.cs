namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a database and a virtual host of the broker for the tests of one class, which run one after the other.</summary>
public sealed class SeparateParts(RunningParts parts) : IAsyncLifetime
{
    internal HostSettings Settings { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Settings = await parts.OwnParts();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Represents a database and a broker for the tests of one class, which stop the broker.</summary>
public sealed class SeparateServers(RunningParts parts) : IAsyncLifetime
{
    internal HostSettings Settings { get; private set; } = null!;

    internal IBroker Broker { get; private set; } = null!;

    public async ValueTask InitializeAsync() => (Settings, Broker) = await parts.OwnServers();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
