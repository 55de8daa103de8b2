namespace Idoven.Ecgs.Application.Accesses;

/// <summary>
/// Holds the accesses of this host that are not stored yet, and counts repetitions: one row for each caller, session, ECG, action and
/// outcome within <see cref="Window"/>. <c>WriteAccesses</c> stores them once a second. Safe for concurrent use.
/// </summary>
internal sealed class AccessLog(AccessOptions options, TimeProvider clock)
{
    /// <summary>
    /// How long a row counts repetitions, from its first access on. While the buffer, or the caller's share of it, is more than half
    /// full: only until it is stored.
    /// </summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>One caller may have this part of the buffer, so that it does not end the reading of the others.</summary>
    public const int CallersPerBuffer = 4;

    /// <summary>Of the ids that a caller may not see, so many are looked up for each row; further ones are only counted.</summary>
    private const int ProbesPerRow = 16;

    private readonly Lock changing = new();
    private readonly List<HeldAccess> held = [];
    private readonly Dictionary<Key, HeldAccess> counting = [];
    private readonly Dictionary<Caller, int> heldOf = [];
    private readonly int share = Math.Max(1, options.Buffer / CallersPerBuffer);

    /// <summary>Gets how many rows are in memory.</summary>
    public int Held
    {
        get
        {
            lock (changing)
            {
                return held.Count;
            }
        }
    }

    /// <summary>
    /// Returns whether the buffer, or the caller's share of it, has no room for another row. Requests that are in progress then still
    /// get theirs in.
    /// </summary>
    public bool IsFull(string subject, string? clientId)
    {
        lock (changing)
        {
            return held.Count >= options.Buffer || heldOf.GetValueOrDefault(new Caller(subject, clientId)) >= share;
        }
    }

    /// <summary>Adds an access: a row of its own, or one more in the count of the row whose window has not ended.</summary>
    /// <param name="probed">The id that the caller asked for, if it reached no ECG.</param>
    public void Add(EcgAccess access, Guid? probed = null)
    {
        lock (changing)
        {
            var row = Count(access);
            if (probed is { } id && row.Probed.Count < ProbesPerRow && !row.Probed.Contains(id))
            {
                row.Probed.Add(id);
            }
        }
    }

    /// <summary>Returns ids that callers asked for and may not see, of which it is not known yet whether there is such an ECG.</summary>
    public IReadOnlyList<ProbedId> Probes(int limit)
    {
        lock (changing)
        {
            return [.. held.SelectMany(row => row.Probed.Skip(row.Resolved).Select(id => new ProbedId(row, id))).Take(limit)];
        }
    }

    /// <summary>Adds a row of its own for each of these ids that is an ECG's, for its owner to see.</summary>
    /// <param name="probes">What <see cref="Probes"/> returned.</param>
    /// <param name="owners">The owners of the ECGs that there are, by their ids.</param>
    public void Resolve(IReadOnlyList<ProbedId> probes, IReadOnlyDictionary<Guid, string> owners)
    {
        lock (changing)
        {
            foreach (var (row, id) in probes)
            {
                row.Resolved++;
                if (owners.TryGetValue(id, out var owner))
                {
                    Count(row.Access.ForEcg(id, owner));
                }
            }
        }
    }

    /// <summary>Returns the rows whose count is not stored yet, oldest first.</summary>
    public IReadOnlyList<UnstoredAccess> Unstored()
    {
        lock (changing)
        {
            return [.. held.Where(row => row.Access.Count > row.Stored).Select(row => new UnstoredAccess(row, row.Access.Count))];
        }
    }

    /// <summary>Notes that these counts are stored, and gives up the memory of rows whose window has ended.</summary>
    public void Confirm(IReadOnlyList<UnstoredAccess> stored)
    {
        var now = clock.GetUtcNow();
        lock (changing)
        {
            foreach (var (row, count) in stored)
            {
                (row.Stored, row.IsUncertain) = (count, false);
            }

            var isCrowded = held.Count > options.Buffer / 2;
            held.RemoveAll(row =>
            {
                var isOver = row.Stored == row.Access.Count && row.Resolved == row.Probed.Count
                    && (isCrowded || heldOf[row.Caller] > share / 2 || row.Access.At + Window <= now);
                if (isOver)
                {
                    Forget(row);
                }

                return isOver;
            });
        }
    }

    /// <summary>Notes that storing these failed. The connection may have been lost after the commit: some may be stored all the same.</summary>
    public void Doubt(IReadOnlyList<UnstoredAccess> failed)
    {
        lock (changing)
        {
            foreach (var (row, _) in failed)
            {
                row.IsUncertain = row.Stored == 0;
            }
        }
    }

    private HeldAccess Count(EcgAccess access)
    {
        var key = Key.ForAccess(access);
        if (counting.TryGetValue(key, out var row) && access.At < row.Access.At + Window)
        {
            row.Access.Count++;
            return row;
        }

        row = new HeldAccess(access);
        held.Add(row);
        heldOf[row.Caller] = heldOf.GetValueOrDefault(row.Caller) + 1;
        counting[key] = row;
        return row;
    }

    private void Forget(HeldAccess row)
    {
        if (counting.TryGetValue(Key.ForAccess(row.Access), out var current) && current == row)
        {
            counting.Remove(Key.ForAccess(row.Access));
        }

        if (--heldOf[row.Caller] == 0)
        {
            heldOf.Remove(row.Caller);
        }
    }

    private readonly record struct Key(Caller Caller, Guid? SessionId, Guid? EcgId, string Action, string Outcome)
    {
        public static Key ForAccess(EcgAccess access) =>
            new(new Caller(access.Subject, access.ClientId), access.SessionId, access.EcgId, access.Action, access.Outcome);
    }
}

/// <summary>What counts as one caller.</summary>
internal readonly record struct Caller(string Subject, string? ClientId);

/// <summary>A row in memory.</summary>
internal sealed class HeldAccess(EcgAccess access)
{
    public EcgAccess Access { get; } = access;

    public Caller Caller { get; } = new(access.Subject, access.ClientId);

    /// <summary>Gets or sets the count that the database has; 0 if the row is not stored.</summary>
    public int Stored { get; set; }

    /// <summary>Gets or sets whether the row may be stored although that failed.</summary>
    public bool IsUncertain { get; set; }

    /// <summary>Gets the ids that the caller asked for without reaching an ECG.</summary>
    public List<Guid> Probed { get; } = [];

    /// <summary>Gets or sets how many of them were looked up.</summary>
    public int Resolved { get; set; }
}

/// <summary>An id that a caller asked for without reaching an ECG.</summary>
internal readonly record struct ProbedId(HeldAccess Row, Guid Id);

/// <summary>A row to be stored with this count; its own may grow meanwhile.</summary>
internal readonly record struct UnstoredAccess(HeldAccess Row, int Count);
