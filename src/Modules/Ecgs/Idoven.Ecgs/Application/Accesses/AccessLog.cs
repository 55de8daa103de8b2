namespace Idoven.Ecgs.Application.Accesses;

/// <summary>
/// Buffers the accesses of this host that are not stored yet, and counts repetitions: one row for each caller, session, ECG, action and
/// outcome within <see cref="Window"/>. <c>AccessWriter</c> stores them once a second. Safe for concurrent use.
/// </summary>
internal sealed class AccessLog(AccessOptions options, TimeProvider clock)
{
    /// <summary>
    /// The time in which a row counts repetitions, from its first access on. While the buffer or the caller's share of it is more than half
    /// full, a row counts repetitions only until it is stored.
    /// </summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>The number of callers that fill the buffer: one caller may use a quarter of it, so that others can still read.</summary>
    public const int CallersPerBuffer = 4;

    /// <summary>
    /// The maximum number of requested ids without an accessible ECG that are looked up for a row. Further ones are only counted.
    /// </summary>
    private const int ProbesPerRow = 16;

    private readonly Lock changing = new();
    private readonly List<HeldAccess> held = [];
    private readonly Dictionary<Key, HeldAccess> counting = [];
    private readonly Dictionary<Caller, int> rowsByCaller = [];
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
    /// Returns whether the buffer or the caller's share of it is full. Requests that are already in progress can still add their rows.
    /// </summary>
    public bool IsFull(string subject, string? clientId)
    {
        lock (changing)
        {
            return held.Count >= options.Buffer || rowsByCaller.GetValueOrDefault(new Caller(subject, clientId)) >= share;
        }
    }

    /// <summary>Adds an access as a new row, or counts it in an existing row whose window has not ended.</summary>
    /// <param name="probed">The id that the caller requested, if the response had no ECG.</param>
    public void Add(EcgAccess access, Guid? probed = null)
    {
        lock (changing)
        {
            var row = FindOrAddRow(access);
            if (probed is { } id && row.Probed.Count < ProbesPerRow && !row.Probed.Contains(id))
            {
                row.Probed.Add(id);
            }
        }
    }

    /// <summary>Returns ids that callers requested without an accessible ECG, and that were not looked up yet.</summary>
    public IReadOnlyList<ProbedId> Probes(int limit)
    {
        lock (changing)
        {
            return [.. held.SelectMany(row => row.Probed.Skip(row.Resolved).Select(id => new ProbedId(row, id))).Take(limit)];
        }
    }

    /// <summary>Adds a row for each of these ids that is the id of an ECG, so that its owner sees the access.</summary>
    /// <param name="probes">The ids that <see cref="Probes"/> returned.</param>
    /// <param name="owners">The owners of the existing ECGs, by the ids of the ECGs.</param>
    public void Resolve(IReadOnlyList<ProbedId> probes, IReadOnlyDictionary<Guid, string> owners)
    {
        lock (changing)
        {
            foreach (var (row, id) in probes)
            {
                row.Resolved++;
                if (owners.TryGetValue(id, out var owner))
                {
                    FindOrAddRow(row.Access.ForEcg(id, owner));
                }
            }
        }
    }

    /// <summary>Returns the rows whose current count is not stored yet, oldest first.</summary>
    public IReadOnlyList<UnstoredAccess> Unstored()
    {
        lock (changing)
        {
            return [.. held.Where(row => row.Access.Count > row.Stored).Select(row => new UnstoredAccess(row, row.Access.Count))];
        }
    }

    /// <summary>Records that these counts are stored, and removes rows whose window has ended.</summary>
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
                var isFinished = row.Stored == row.Access.Count && row.Resolved == row.Probed.Count
                    && (isCrowded || rowsByCaller[row.Caller] > share / 2 || row.Access.At + Window <= now);
                if (isFinished)
                {
                    Forget(row);
                }

                return isFinished;
            });
        }
    }

    /// <summary>
    /// Records that storing these rows failed. The connection may have been lost after the commit, so they may be stored nevertheless.
    /// </summary>
    public void MarkUncertain(IReadOnlyList<UnstoredAccess> failed)
    {
        lock (changing)
        {
            foreach (var (row, _) in failed)
            {
                row.IsUncertain = row.Stored == 0;
            }
        }
    }

    private HeldAccess FindOrAddRow(EcgAccess access)
    {
        var key = Key.ForAccess(access);
        if (counting.TryGetValue(key, out var row) && access.At < row.Access.At + Window)
        {
            row.Access.Count++;
            return row;
        }

        row = new HeldAccess(access);
        held.Add(row);
        rowsByCaller[row.Caller] = rowsByCaller.GetValueOrDefault(row.Caller) + 1;
        counting[key] = row;
        return row;
    }

    private void Forget(HeldAccess row)
    {
        if (counting.TryGetValue(Key.ForAccess(row.Access), out var current) && current == row)
        {
            counting.Remove(Key.ForAccess(row.Access));
        }

        if (--rowsByCaller[row.Caller] == 0)
        {
            rowsByCaller.Remove(row.Caller);
        }
    }

    private readonly record struct Key(Caller Caller, Guid? SessionId, Guid? EcgId, string Action, string Outcome)
    {
        public static Key ForAccess(EcgAccess access) =>
            new(new Caller(access.Subject, access.ClientId), access.SessionId, access.EcgId, access.Action, access.Outcome);
    }
}

/// <summary>Represents a caller: a subject with the client of the token.</summary>
internal readonly record struct Caller(string Subject, string? ClientId);

/// <summary>Represents a row in memory.</summary>
internal sealed class HeldAccess(EcgAccess access)
{
    public EcgAccess Access { get; } = access;

    public Caller Caller { get; } = new(access.Subject, access.ClientId);

    /// <summary>Gets or sets the stored count; 0 if the row is not stored.</summary>
    public int Stored { get; set; }

    /// <summary>Gets or sets whether the row may be stored although the attempt failed.</summary>
    public bool IsUncertain { get; set; }

    /// <summary>Gets the ids that the caller requested without an accessible ECG.</summary>
    public List<Guid> Probed { get; } = [];

    /// <summary>Gets or sets the number of these ids that were looked up.</summary>
    public int Resolved { get; set; }
}

/// <summary>Represents an id that a caller requested without an accessible ECG.</summary>
internal readonly record struct ProbedId(HeldAccess Row, Guid Id);

/// <summary>Represents a row to be stored with this count, while the count of the row may grow.</summary>
internal readonly record struct UnstoredAccess(HeldAccess Row, int Count);
