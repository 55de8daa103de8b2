namespace Idoven.Shared.Data.Limits;

/// <summary>When one caller may have more than its share.</summary>
public enum Lending
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>As long as a quarter of the limit stays free for callers who are below their share.</summary>
    WhileAQuarterIsFree,

    /// <summary>
    /// As <see cref="WhileAQuarterIsFree"/>, and as long as no other caller has any or has asked for it in the last ten seconds.
    /// </summary>
    WhileNoOtherCallerAsks,
}

/// <summary>
/// Divides a limited resource of this host among its callers: at most a limit of all together, and for each caller a share that it can
/// always have while the limit allows it. No caller waits: it gets what it asks for at once or not at all.
/// </summary>
/// <param name="limit">The maximum of all callers together.</param>
/// <param name="share">The maximum of one caller while others need it.</param>
/// <param name="lending">When one caller may have more than its share.</param>
/// <param name="clock">Measures how long ago another caller asked.</param>
public sealed class CallerShares(long limit, long share, Lending lending, TimeProvider clock)
{
    private static readonly TimeSpan AskedLately = TimeSpan.FromSeconds(10);
    private readonly Lock changing = new();
    private readonly Dictionary<string, long> used = [];
    private readonly long lendable = limit - (limit / 4);
    private long total;

    // The caller that asked last, and the last one before that was another.
    private (string Caller, long At)? last;
    private (string Caller, long At)? before;

    /// <summary>Gets how much all callers together have.</summary>
    public long Total
    {
        get
        {
            lock (changing)
            {
                return total;
            }
        }
    }

    /// <summary>Takes an amount for a caller, unless that would exceed the limit or what the caller may have now.</summary>
    /// <param name="caller">Identifies the caller, for example its subject and its client.</param>
    public ShareState Take(string caller, long amount)
    {
        lock (changing)
        {
            RecordRequest(caller);
            if (total + amount > limit)
            {
                return ShareState.HostFull;
            }

            var ofCaller = used.GetValueOrDefault(caller) + amount;
            if (ofCaller > share && !MayExceedShare(caller, amount))
            {
                return ShareState.CallerFull;
            }

            used[caller] = ofCaller;
            total += amount;
            return ShareState.Taken;
        }
    }

    /// <summary>Gives back what <see cref="Take"/> took.</summary>
    public void GiveBack(string caller, long amount)
    {
        lock (changing)
        {
            total -= amount;
            var left = used.GetValueOrDefault(caller) - amount;
            if (left == 0)
            {
                // A caller with nothing takes no memory.
                used.Remove(caller);
            }
            else
            {
                used[caller] = left;
            }
        }
    }

    private void RecordRequest(string caller)
    {
        if (last is { } latest && latest.Caller != caller)
        {
            before = latest;
        }

        last = (caller, clock.GetTimestamp());
    }

    private bool MayExceedShare(string caller, long amount) => lending switch
    {
        Lending.Never => false,
        Lending.WhileAQuarterIsFree => total + amount <= lendable,
        _ => total + amount <= lendable && !OthersAsk(caller),
    };

    private bool OthersAsk(string caller) =>
        used.Count > (used.ContainsKey(caller) ? 1 : 0)
        || (before is { } other && other.Caller != caller && clock.GetElapsedTime(other.At) < AskedLately);
}

public enum ShareState
{
    Taken,

    /// <summary>The caller has as much as one caller may have now.</summary>
    CallerFull,

    /// <summary>All callers together have as much as the host gives.</summary>
    HostFull,
}
