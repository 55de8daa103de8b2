namespace Idoven.Shared.Messaging.Leadership;

/// <summary>Identifies this host in the tables of its modules: as one of their hosts, and as the holder of a lease.</summary>
public sealed class HostId
{
    /// <summary>Gets an id that is new at every start.</summary>
    public Guid Value { get; } = Guid.CreateVersion7();
}
