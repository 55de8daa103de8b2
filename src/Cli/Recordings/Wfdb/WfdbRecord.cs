namespace Idoven.Cli.Recordings.Wfdb;

/// <summary>A WFDB record as an upload.</summary>
internal static class WfdbRecord
{
    private const int MaxUnitLength = 16;

    /// <exception cref="BadFileException">A file is missing, not as the format has it, or other than its header says.</exception>
    public static Recording Read(string headerPath, TimeProvider clock)
    {
        var header = WfdbHeader.Read(headerPath);
        var (signals, samples) = header.Segments.Count > 0 ? Joined(headerPath, header) : (header.Signals, WfdbSignals.Read(headerPath, header));

        // An upload has one sampling frequency: that of the signals sampled fastest, which the ECG is where they differ.
        var perFrame = signals.Max(signal => signal.SamplesPerFrame);
        var kept = signals.Zip(samples).Where(pair => pair.First.SamplesPerFrame == perFrame).ToList();
        var left = signals.Where(signal => signal.SamplesPerFrame != perFrame).ToList();
        if (kept.Find(pair => pair.First.Skew != 0).First is { } skewed)
        {
            throw new BadFileException(headerPath, skewed.Line, $"the signal lags {skewed.Skew} frames behind the others; such records are not read here.");
        }

        List<string> notes = [];
        if (left.Count > 0)
        {
            notes.Add($"left out, as sampled less often: {string.Join(", ", left.Select(signal => signal.Description))}");
        }

        if (header.Start is not null)
        {
            notes.Add("the header's time has no zone: taken as UTC");
        }

        // An upload has one gain and one unit, and each means nothing without the other.
        var (gain, unit) = (Same(kept, signal => signal.Gain), Same(kept, signal => signal.Unit));
        var isCalibrated = gain > 0 && unit is { Length: <= MaxUnitLength };
        return new Recording(
            header.Name,
            header.Start is { } start ? new DateTimeOffset(start, TimeSpan.Zero) : clock.GetUtcNow(),
            [.. LeadNames.Of(kept.Select(pair => pair.First.Description)).Zip(kept, (name, pair) => new Lead(name, pair.Second))])
        {
            SamplingFrequency = header.FrameFrequency * perFrame,
            Gain = isCalibrated ? gain : null,
            Unit = isCalibrated ? unit : null,
            AdcZero = Same(kept, signal => signal.AdcZero),
            ExternalId = header.Name,
            Notes = notes,
        };
    }

    /// <summary>The segments one after the other; they must have the same signals.</summary>
    private static (IReadOnlyList<WfdbSignal> Signals, IReadOnlyList<int[]> Samples) Joined(string headerPath, WfdbHeader header)
    {
        var parts = new List<(WfdbHeader Header, IReadOnlyList<int[]> Samples)>();
        foreach (var segment in header.Segments)
        {
            if (segment.Name == "~" || segment.Frames == 0 || segment.Name != Path.GetFileName(segment.Name))
            {
                throw new BadFileException(headerPath, segment.Line, "records with gaps or changing signals are not read here.");
            }

            var path = Path.Combine(Path.GetDirectoryName(headerPath)!, segment.Name + ".hea");
            var part = WfdbHeader.Read(path);
            if (part.Frames != segment.Frames || part.FrameFrequency != header.FrameFrequency || !Layout(part).SequenceEqual(Layout(parts is [] ? part : parts[0].Header)))
            {
                throw new BadFileException(headerPath, segment.Line, $"segment {segment.Name} has another length, frequency or set of signals.");
            }

            parts.Add((part, WfdbSignals.Read(path, part)));
        }

        var first = parts[0].Header.Signals;
        return (first, [.. Enumerable.Range(0, first.Count).Select(i => parts.SelectMany(part => part.Samples[i]).ToArray())]);

        static IEnumerable<object> Layout(WfdbHeader header) =>
            header.Signals.Select(signal => (object)(signal.Description, signal.SamplesPerFrame, signal.Gain, signal.Unit, signal.AdcZero));
    }

    /// <summary>What all signals say alike; else null.</summary>
    private static T? Same<T>(List<(WfdbSignal Signal, int[] Samples)> kept, Func<WfdbSignal, T> said) =>
        kept.Select(pair => said(pair.Signal)).Distinct().ToList() is [var one] ? one : default;
}
