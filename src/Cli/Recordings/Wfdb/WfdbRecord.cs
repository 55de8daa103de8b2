using Idoven.Cli.Errors;

namespace Idoven.Cli.Recordings.Wfdb;

/// <summary>Reads a WFDB record as an upload.</summary>
internal static class WfdbRecord
{
    private const int MaxUnitLength = 16;

    /// <summary>Reads the header and the signal files that it names.</summary>
    /// <exception cref="BadFileException">A file is missing, invalid, or contradicts its header.</exception>
    public static Recording Read(string headerPath, TimeProvider clock)
    {
        var header = WfdbHeader.Read(headerPath);
        var (signals, samples) = header.Segments.Count > 0
            ? JoinSegments(headerPath, header)
            : (header.Signals, WfdbSignals.Read(headerPath, header));

        // An upload has one sampling frequency. If the signals have several, those with the highest are the ECG.
        var perFrame = signals.Max(signal => signal.SamplesPerFrame);
        var kept = signals.Zip(samples).Where(pair => pair.First.SamplesPerFrame == perFrame).ToList();
        var left = signals.Where(signal => signal.SamplesPerFrame != perFrame).ToList();
        if (kept.Find(pair => pair.First.Skew != 0).First is { } skewed)
        {
            throw new BadFileException(
                headerPath, skewed.Line, $"The signal is {skewed.Skew} frames behind the others. Such records are not supported.");
        }

        List<string> notes = [];
        if (left.Count > 0)
        {
            notes.Add($"omitted because of a lower sampling frequency: {string.Join(", ", left.Select(signal => signal.Description))}");
        }

        if (header.Start is not null)
        {
            notes.Add("the time in the header has no time zone and is used as UTC");
        }

        // An upload has one gain and one unit, and each has no meaning without the other.
        var (gain, unit) = (CommonValue(kept, signal => signal.Gain), CommonValue(kept, signal => signal.Unit));
        var isCalibrated = gain > 0 && unit is { Length: <= MaxUnitLength };
        return new Recording(
            header.Name,
            header.Start is { } start ? new DateTimeOffset(start, TimeSpan.Zero) : clock.GetUtcNow(),
            [.. LeadNames.MakeValid(kept.Select(pair => pair.First.Description)).Zip(kept, (name, pair) => new Lead(name, pair.Second))])
        {
            SamplingFrequency = header.FrameFrequency * perFrame,
            Gain = isCalibrated ? gain : null,
            Unit = isCalibrated ? unit : null,
            AdcZero = CommonValue(kept, signal => signal.AdcZero),
            ExternalId = header.Name,
            Notes = notes,
        };
    }

    /// <summary>Joins the segments in order. They must have the same signals.</summary>
    private static (IReadOnlyList<WfdbSignal> Signals, IReadOnlyList<int[]> Samples) JoinSegments(string headerPath, WfdbHeader header)
    {
        var parts = new List<(WfdbHeader Header, IReadOnlyList<int[]> Samples)>();
        foreach (var segment in header.Segments)
        {
            if (segment.Name == "~" || segment.Frames == 0 || segment.Name != Path.GetFileName(segment.Name))
            {
                throw new BadFileException(headerPath, segment.Line, "Records with gaps or changing signals are not supported.");
            }

            var path = Path.Combine(Path.GetDirectoryName(headerPath)!, segment.Name + ".hea");
            var part = WfdbHeader.Read(path);
            var isContinuous = part.Frames == segment.Frames
                && part.FrameFrequency == header.FrameFrequency
                && Layout(part).SequenceEqual(Layout(parts is [] ? part : parts[0].Header));
            if (!isContinuous)
            {
                throw new BadFileException(
                    headerPath, segment.Line, $"Segment {segment.Name} has another length, sampling frequency or set of signals.");
            }

            parts.Add((part, WfdbSignals.Read(path, part)));
        }

        var first = parts[0].Header.Signals;
        return (first, [.. Enumerable.Range(0, first.Count).Select(i => parts.SelectMany(part => part.Samples[i]).ToArray())]);

        static IEnumerable<object> Layout(WfdbHeader header) =>
            header.Signals.Select(signal => (object)(signal.Description, signal.SamplesPerFrame, signal.Gain, signal.Unit, signal.AdcZero));
    }

    /// <summary>Returns the value that all signals have in common; null if they differ.</summary>
    private static T? CommonValue<T>(List<(WfdbSignal Signal, int[] Samples)> kept, Func<WfdbSignal, T> value) =>
        kept.Select(pair => value(pair.Signal)).Distinct().ToList() is [var one] ? one : default;
}
