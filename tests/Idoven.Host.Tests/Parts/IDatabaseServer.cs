namespace Idoven.Host.Tests.Parts;

internal interface IDatabaseServer : IAsyncDisposable
{
    /// <summary>As a superuser.</summary>
    string ConnectionString { get; }
}

internal interface IBroker : IAsyncDisposable
{
    /// <summary>As the host's own user, who may do everything.</summary>
    Uri Uri { get; }

    /// <summary>As the subscriber <c>demo</c>.</summary>
    Uri Subscriber { get; }

    /// <summary>Ends the broker's process; what it holds stays.</summary>
    Task Stop();

    /// <summary>Starts it again at the same address.</summary>
    Task Start();
}
