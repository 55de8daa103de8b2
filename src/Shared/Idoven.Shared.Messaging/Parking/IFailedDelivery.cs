namespace Idoven.Shared.Messaging.Parking;

/// <summary>
/// Records the failure of a message that its consumer could not handle, instead of parking the message. Called in a separate scope after
/// the quick retries; the delivery is acknowledged when it returns.
/// </summary>
public interface IFailedDelivery<in TMessage>
{
    Task Failed(TMessage message, Exception exception, CancellationToken ct);
}
