using Microsoft.Extensions.Logging;

namespace Idoven.Shared.Telemetry;

/// <summary>Limits the lines that the console log writes in each second. Part of the limit is reserved for errors.</summary>
/// <param name="linesPerSecond">The limit; 0 means no limit.</param>
/// <param name="clock">The clock of the seconds.</param>
internal sealed class LogLimit(int linesPerSecond, TimeProvider clock)
{
    private readonly Lock sync = new();
    private readonly int reservedForErrors = Math.Min(linesPerSecond - 1, Math.Max(1, linesPerSecond / 5));
    private readonly long start = clock.GetTimestamp();
    private long second = -1;
    private int written;
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
            var now = (long)clock.GetElapsedTime(start).TotalSeconds;
            if (now != second)
            {
                (second, written) = (now, 0);

                // With a limit of one line the report would take the place of every line.
                if (dropped > 0 && linesPerSecond > 1)
                {
                    (suppressed, dropped) = (dropped, 0);
                    written++;
                }
            }

            if (written >= (level >= LogLevel.Error ? linesPerSecond : linesPerSecond - reservedForErrors))
            {
                dropped++;
                return false;
            }

            written++;
            return true;
        }
    }
}
