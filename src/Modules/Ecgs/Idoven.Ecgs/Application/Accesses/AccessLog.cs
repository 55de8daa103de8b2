namespace Idoven.Ecgs.Application.Accesses;

/// <summary>
/// Holds the accesses of this host that are not stored yet, and counts repetitions: one row for each caller, session, ECG, action and outcome within
/// <see cref="Window"/>. <c>WriteAccesses</c> stores them once a second. Safe for concurrent use.
/// </summary>
internal sealed class AccessLog(AccessOptions options, TimeProvider clock)
{
    /// <summary>How long a row counts repetitions, from its first access on. While the buffer is more than half full, only until it is stored.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock changing = new();
    private readonly List<HeldAccess> held = [];
    private readonly Dictionary<Key, HeldAccess> counting = [];

    /// <summary>Gets whether the buffer has no room for another row. Requests that are in progress then still get theirs in.</summary>
    public bool IsFull => Held >= options.Buffer;

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

    /// <summary>Adds an access: a row of its own, or one more in the count of the row whose window has not ended.</summary>
    public void Add(EcgAccess access)
    {
        var key = new Key(access.Subject, access.ClientId, access.SessionId, access.EcgId, access.Action, access.Outcome);
        lock (changing)
        {
            if (counting.TryGetValue(key, out var row) && access.At < row.Access.At + Window)
            {
                row.Access.Count++;
                return;
            }

            row = new HeldAccess(access);
            held.Add(row);
            counting[key] = row;
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
            held.RemoveAll(row => row.Stored == row.Access.Count && (isCrowded || row.Access.At + Window <= now));
            var kept = held.ToHashSet();
            foreach (var (key, row) in counting)
            {
                if (!kept.Contains(row))
                {
                    counting.Remove(key);
                }
            }
        }
    }

    /// <summary>Notes that storing these failed: the connection may have been lost after the commit, so some may be stored all the same.</summary>
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

    private readonly record struct Key(string Subject, string? ClientId, Guid? SessionId, Guid? EcgId, string Action, string Outcome);
}

/// <summary>A row in memory.</summary>
internal sealed class HeldAccess(EcgAccess access)
{
    public EcgAccess Access { get; } = access;

    /// <summary>Gets or sets the count that the database has; 0 if the row is not stored.</summary>
    public int Stored { get; set; }

    /// <summary>Gets or sets whether the row may be stored although that failed.</summary>
    public bool IsUncertain { get; set; }
}

/// <summary>A row to be stored with this count; its own may grow meanwhile.</summary>
internal readonly record struct UnstoredAccess(HeldAccess Row, int Count);
