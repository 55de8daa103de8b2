namespace Idoven.Identity.Keys;

/// <summary>
/// The life cycle of the keys of the token server. Each use always has one active and one next key, so that a rotation, also in an
/// emergency, is to a key that all hosts and all other readers of the published keys already know.
/// </summary>
/// <param name="Active">How long a key signs before the next one does.</param>
/// <param name="Ahead">How long a key is published at least before it signs, except in an emergency.</param>
/// <param name="Retired">How long a key is accepted afterwards: as long as anything that was signed with it may be valid.</param>
internal sealed record KeyLife(TimeSpan Active, TimeSpan Ahead, TimeSpan Retired)
{
    /// <summary>Returns the keys after all changes that are due; the same keys if none is.</summary>
    public IReadOnlyList<Key> Maintain(IReadOnlyList<Key> keys, DateTimeOffset now) =>
        [.. Enum.GetValues<KeyUse>().SelectMany(use => MaintainUse(use, [.. keys.Where(key => key.Use == use)], now))];

    /// <summary>Returns the keys with the next key of each use activated.</summary>
    public IReadOnlyList<Key> Rotate(IReadOnlyList<Key> keys, DateTimeOffset now) =>
        Maintain([.. Enum.GetValues<KeyUse>().SelectMany(use => ActivateNext([.. keys.Where(key => key.Use == use)], now))], now);

    /// <summary>Returns the keys without those with the ids, which are replaced.</summary>
    public IReadOnlyList<Key> Revoke(IReadOnlyList<Key> keys, IReadOnlyCollection<Guid> ids, DateTimeOffset now) =>
        Maintain([.. keys.Where(key => !ids.Contains(key.Id))], now);

    private List<Key> MaintainUse(KeyUse use, List<Key> keys, DateTimeOffset now)
    {
        keys.RemoveAll(key => key.RetiredAt <= now - Retired);
        var active = keys.Find(key => key.State == KeyState.Active);
        var next = keys.Find(key => key.State == KeyState.Next);
        if (active is null && next is null)
        {
            keys.Add(Create(use, now) with { ActivatedAt = now });
        }
        else if (active is null || (active.ActivatedAt <= now - Active && next?.CreatedAt <= now - Ahead))
        {
            keys = ActivateNext(keys, now);
        }

        if (keys.TrueForAll(key => key.State != KeyState.Next))
        {
            keys.Add(Create(use, now));
        }

        return keys;
    }

    private static List<Key> ActivateNext(List<Key> keys, DateTimeOffset now) => keys.Exists(key => key.State == KeyState.Next)
        ? [.. keys.Select(key => key.State switch
        {
            KeyState.Next => key with { ActivatedAt = now },
            KeyState.Active => key with { RetiredAt = now },
            _ => key,
        })]
        : keys;

    private static Key Create(KeyUse use, DateTimeOffset now) => new(Guid.CreateVersion7(now), use, now);
}
