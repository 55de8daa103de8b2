using System.Diagnostics;

namespace Idoven.Drills.Running;

/// <summary>Counts the lines of a log by the second of their arrival.</summary>
internal sealed class LineRate(Stopwatch clock)
{
    private const int Kept = 40;
    private readonly Lock gate = new();
    private readonly Queue<string> last = new();
    private readonly Dictionary<long, int> counts = [];
    private List<string> ofSecond = [];
    private long second = -1;

    /// <summary>The most lines in one second.</summary>
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

    /// <summary>The first lines of the second with the most.</summary>
    public IReadOnlyList<string> Busiest { get; private set; } = [];

    public IReadOnlyList<string> Last
    {
        get
        {
            lock (gate)
            {
                return [.. last];
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
            last.Enqueue(line);
            if (last.Count > Kept)
            {
                last.Dequeue();
            }

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
