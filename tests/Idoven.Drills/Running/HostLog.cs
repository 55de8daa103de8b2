using System.Diagnostics;

namespace Idoven.Drills.Running;

/// <summary>Stores the lines of a log and counts them by the second of their arrival.</summary>
internal sealed class HostLog(Stopwatch clock)
{
    private const int Kept = 40;
    private readonly Lock gate = new();
    private readonly List<string> all = [];
    private readonly Dictionary<long, int> counts = [];
    private List<string> ofSecond = [];
    private long second = -1;

    /// <summary>Gets the highest number of lines in one second.</summary>
    public int Peak
    {
        get
        {
            lock (gate)
            {
                return counts.Count == 0 ? 0 : counts.Values.Max();
            }
        }
    }

    /// <summary>Gets the first lines of the second with the most lines.</summary>
    public IReadOnlyList<string> Busiest { get; private set; } = [];

    /// <summary>Gets all lines, each with the second of its arrival.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (gate)
            {
                return [.. all];
            }
        }
    }

    public void Add(string? line)
    {
        if (string.IsNullOrEmpty(line))
        {
            return;
        }

        lock (gate)
        {
            all.Add(FormattableString.Invariant($"{clock.Elapsed.TotalSeconds:0.0} {line}"));
            var now = (long)clock.Elapsed.TotalSeconds;
            if (now != second)
            {
                (second, ofSecond) = (now, []);
            }

            ofSecond.Add(line.Length > 200 ? line[..200] : line);
            counts[now] = ofSecond.Count;
            if (ofSecond.Count > Busiest.Count && ofSecond.Count <= Kept)
            {
                Busiest = ofSecond;
            }
        }
    }
}
