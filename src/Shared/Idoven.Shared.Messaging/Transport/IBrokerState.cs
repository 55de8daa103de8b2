namespace Idoven.Shared.Messaging.Transport;

/// <summary>Tells a module whether messages can be sent now.</summary>
public interface IBrokerState
{
    /// <summary>Gets whether this host is connected to the broker and has declared its queues.</summary>
    bool IsAvailable { get; }
}
