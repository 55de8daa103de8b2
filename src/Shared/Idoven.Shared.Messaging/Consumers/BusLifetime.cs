namespace Idoven.Shared.Messaging.Consumers;

/// <summary>How far the bus is that a delivery came from.</summary>
/// <param name="Stopping">Canceled when the bus is stopped: deliveries that wait return to their queues.</param>
/// <param name="Closed">
/// Canceled when the connection of the bus is closed, by which the broker takes back what was not acknowledged.
/// </param>
internal readonly record struct BusLifetime(CancellationToken Stopping, CancellationToken Closed);
