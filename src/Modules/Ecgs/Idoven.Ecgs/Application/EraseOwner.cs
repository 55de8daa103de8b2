namespace Idoven.Ecgs.Application;

/// <summary>
/// Marks the owner of a deleted user or client as erased. From the commit on the owner stores nothing more, and <c>EraseOwnersJob</c>
/// deletes the owner's ECGs in batches, because there may be many.
/// </summary>
internal sealed class EraseOwnerHandler(IEcgs ecgs, TimeProvider clock)
{
    public async Task Handle(string ownerId, CancellationToken ct)
    {
        await ecgs.MarkOwnerErased(ownerId, clock.GetUtcNow(), ct);
        await ecgs.Save(ct);
    }
}
