
namespace Idoven.Identity.Keys;

/// <summary>The keys of the token server, the same for every host. Each change is made while no other host makes one.</summary>
internal interface IKeys
{
    /// <returns>The one that signs first, then the next, then those that are still accepted.</returns>
    Task<IReadOnlyList<Key>> List(CancellationToken ct);

    /// <summary>Has the next key of each use sign from now.</summary>
    Task<IReadOnlyList<Key>> Rotate(CancellationToken ct);

    /// <summary>Ends keys: what was signed or sealed with them is refused by every host within seconds.</summary>
    /// <returns>Those that are left; null where one of the ids is no key's, and nothing was done.</returns>
    Task<IReadOnlyList<Key>?> Revoke(IReadOnlyCollection<Guid> ids, CancellationToken ct);
}
