namespace Idoven.Shared.Messaging.Parking;

/// <summary>
/// What a module does with a message that its consumer could not handle, instead of parking it: to record the failure where it
/// belongs. Called in a scope of its own after the quick retries; the delivery is acknowledged when it returns.
/// </summary>
public interface IFailedDelivery<in TMessage>
{
    Task Failed(TMessage message, Exception exception, CancellationToken ct);
}
