namespace Idoven.Ecgs.Application;

/// <summary>A user or client was deleted: its ECGs follow in batches, for there may be many.</summary>
internal sealed class EraseOwnerHandler(IOwners owners, TimeProvider clock)
{
    public Task Handle(string ownerId, CancellationToken ct) => owners.Erase(ownerId, clock.GetUtcNow(), ct);
}
