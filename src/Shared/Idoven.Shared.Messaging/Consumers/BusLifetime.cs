namespace Idoven.Shared.Messaging.Consumers;

/// <summary>The state of the bus of a delivery.</summary>
/// <param name="Stopping">Canceled when the bus is stopped: waiting deliveries return to their queues.</param>
/// <param name="Closed">
/// Canceled when the connection of the bus is closed: the broker then requeues unacknowledged deliveries.
/// </param>
internal readonly record struct BusLifetime(CancellationToken Stopping, CancellationToken Closed);
