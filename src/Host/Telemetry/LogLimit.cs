using Microsoft.Extensions.Logging;

namespace Idoven.Host.Telemetry;

/// <summary>Limits the lines that the console log writes within any second. Part of the limit is reserved for errors.</summary>
/// <param name="linesPerSecond">The limit; 0 means no limit.</param>
/// <param name="clock">The clock of the seconds.</param>
internal sealed class LogLimit(int linesPerSecond, TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private readonly Lock sync = new();
    private readonly int reservedForErrors = Math.Min(linesPerSecond - 1, Math.Max(1, linesPerSecond / 5));
    private readonly Queue<long> written = new();
    private long firstDropped;
    private int dropped;

    /// <summary>Counts a line that is to be written.</summary>
    /// <param name="level">The line's level.</param>
    /// <param name="suppressed">The number of dropped lines, if they are to be reported before this line; otherwise 0.</param>
    /// <returns>False if the line is to be dropped.</returns>
    public bool TryWrite(LogLevel level, out int suppressed)
    {
        suppressed = 0;
        if (linesPerSecond == 0)
        {
            return true;
        }

        lock (sync)
        {
            var now = clock.GetTimestamp();
            while (written.TryPeek(out var first) && clock.GetElapsedTime(first, now) >= Window)
            {
                written.Dequeue();
            }

            var left = linesPerSecond - written.Count - (level >= LogLevel.Error ? 0 : reservedForErrors);

            // With a limit of one line, the report would replace every line.
            var reports = dropped > 0 && linesPerSecond > 1 && clock.GetElapsedTime(firstDropped, now) >= Window;
            if (left < (reports ? 2 : 1))
            {
                firstDropped = dropped == 0 ? now : firstDropped;
                dropped++;
                return false;
            }

            if (reports)
            {
                (suppressed, dropped) = (dropped, 0);
                written.Enqueue(now);
            }

            written.Enqueue(now);
            return true;
        }
    }
}
