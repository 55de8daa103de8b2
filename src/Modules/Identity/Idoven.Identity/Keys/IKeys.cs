
namespace Idoven.Identity.Keys;

/// <summary>The keys of the token server, which all hosts share. Changes of several hosts are serialised.</summary>
internal interface IKeys
{
    /// <returns>The active keys first, then the next ones, then the retired ones.</returns>
    Task<IReadOnlyList<Key>> List(CancellationToken ct);

    /// <summary>Activates the next key of each use.</summary>
    Task<IReadOnlyList<Key>> Rotate(CancellationToken ct);

    /// <summary>Removes keys: all hosts reject what was signed or encrypted with them within seconds.</summary>
    /// <returns>The remaining keys; null if one of the ids does not belong to a key, and nothing was changed.</returns>
    Task<IReadOnlyList<Key>?> Revoke(IReadOnlyCollection<Guid> ids, CancellationToken ct);
}
