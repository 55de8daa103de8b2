namespace Idoven.Identity.Keys;

/// <summary>
/// How long the keys of the token server do what. Of each use one is active and one is next, always: so a rotation in an emergency, too, is
/// to a key that every host and every other reader of the published keys knows already.
/// </summary>
/// <param name="Active">How long a key signs before the next one does.</param>
/// <param name="Ahead">How long a key is published at least before it signs, unless in an emergency.</param>
/// <param name="Retired">How long it is accepted afterwards: as long as anything that was signed with it may live.</param>
internal sealed record KeyLife(TimeSpan Active, TimeSpan Ahead, TimeSpan Retired)
{
    /// <summary>What is left and what is new when everything that is due was done; equal where nothing is.</summary>
    public IReadOnlyList<Key> Maintain(IReadOnlyList<Key> keys, DateTimeOffset now) =>
        [.. Enum.GetValues<KeyUse>().SelectMany(use => MaintainUse(use, [.. keys.Where(key => key.Use == use)], now))];

    /// <summary>The next of each use is active from now.</summary>
    public IReadOnlyList<Key> Rotate(IReadOnlyList<Key> keys, DateTimeOffset now) =>
        Maintain([.. Enum.GetValues<KeyUse>().SelectMany(use => Turn([.. keys.Where(key => key.Use == use)], now))], now);

    /// <summary>Those are no keys any more, and others are in their place.</summary>
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
            keys = Turn(keys, now);
        }

        if (keys.TrueForAll(key => key.State != KeyState.Next))
        {
            keys.Add(Create(use, now));
        }

        return keys;
    }

    private static List<Key> Turn(List<Key> keys, DateTimeOffset now) => keys.Exists(key => key.State == KeyState.Next)
        ? [.. keys.Select(key => key.State switch
        {
            KeyState.Next => key with { ActivatedAt = now },
            KeyState.Active => key with { RetiredAt = now },
            _ => key,
        })]
        : keys;

    private static Key Create(KeyUse use, DateTimeOffset now) => new(Guid.CreateVersion7(now), use, now);
}
