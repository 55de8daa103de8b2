namespace Idoven.Host.Tests.Parts;

internal interface IDatabaseServer : IAsyncDisposable
{
    /// <summary>Gets a connection string as a superuser.</summary>
    string ConnectionString { get; }
}

internal interface IBroker : IAsyncDisposable
{
    /// <summary>Gets the address with the user of the host, who may do everything.</summary>
    Uri Uri { get; }

    /// <summary>Gets the address with the subscriber <c>demo</c>.</summary>
    Uri Subscriber { get; }

    /// <summary>Stops the process of the broker; its data is kept.</summary>
    Task Stop();

    /// <summary>Starts the broker again at the same address.</summary>
    Task Start();
}
