namespace Idoven.Cli.Recordings.Wfdb;

/// <summary>Reads the signal files that a header names.</summary>
internal static class WfdbSignals
{
    private const int GroupsAtATime = 16 * 1024;

    /// <summary>Every signal's samples, in the order of the header, checked against its initial value and checksum.</summary>
    /// <exception cref="BadFileException">A file is missing, short, of a format that isn't read, or other than the header says.</exception>
    public static IReadOnlyList<int[]> Read(string headerPath, WfdbHeader header)
    {
        var signals = new Dictionary<WfdbSignal, int[]>(ReferenceEqualityComparer.Instance);
        var files = header.Signals.GroupBy(signal => signal.File).Select(group => new SignalFile(headerPath, [.. group])).ToList();
        var frames = header.Frames ?? files.Min(file => file.Frames);
        foreach (var file in files)
        {
            file.Read(frames, signals);
        }

        foreach (var (signal, samples) in signals)
        {
            Check(headerPath, signal, samples);
        }

        return [.. header.Signals.Select(signal => signals[signal])];
    }

    private static void Check(string headerPath, WfdbSignal signal, int[] samples)
    {
        if (samples.Length > 0 && signal.InitialValue is { } initial && samples[0] != initial)
        {
            throw new BadFileException(headerPath, signal.Line, $"the first sample should be {initial}; {signal.File} has {samples[0]}.");
        }

        var sum = (short)samples.Aggregate(0, (sum, sample) => unchecked(sum + sample));
        if (signal.Checksum is { } checksum && (short)checksum != sum)
        {
            throw new BadFileException(headerPath, signal.Line, $"the checksum should be {(short)checksum}; that of the samples in {signal.File} is {sum}.");
        }
    }

    /// <summary>One file with the signals that share it, sample by sample in turn.</summary>
    private sealed class SignalFile
    {
        private readonly string headerPath;
        private readonly IReadOnlyList<WfdbSignal> signals;
        private readonly string path;
        private readonly WfdbFormat format;

        public SignalFile(string headerPath, IReadOnlyList<WfdbSignal> signals)
        {
            (this.headerPath, this.signals) = (headerPath, signals);
            var first = signals[0];
            if (first.File != Path.GetFileName(first.File) || first.File == "~")
            {
                throw Bad($"'{first.File}' is not a file beside the header.");
            }

            format = WfdbFormat.Find(first.Format) ?? throw Bad($"signal format {first.Format} is not read here; {WfdbFormat.Names} are.");
            if (signals.Any(signal => signal.Format != first.Format || signal.Offset != first.Offset))
            {
                throw Bad($"the signals in {first.File} are not of one format and offset.");
            }

            path = Path.Combine(Path.GetDirectoryName(headerPath)!, first.File);
            if (!File.Exists(path))
            {
                throw Bad($"{first.File} is not there.");
            }

            Frames = format.SamplesIn(Math.Max(0, new FileInfo(path).Length - first.Offset)) / signals.Sum(signal => signal.SamplesPerFrame);
        }

        /// <summary>How many whole frames the file holds.</summary>
        public long Frames { get; }

        public void Read(long frames, Dictionary<WfdbSignal, int[]> into)
        {
            if (frames > Frames)
            {
                throw Bad($"{signals[0].File} holds {Frames} samples of each signal, the header says {frames}.");
            }

            if (frames * signals.Max(signal => signal.SamplesPerFrame) > Array.MaxLength)
            {
                throw Bad($"{frames} samples are too many.");
            }

            foreach (var signal in signals)
            {
                into.Add(signal, new int[frames * signal.SamplesPerFrame]);
            }

            using var file = File.OpenRead(path);
            file.Position = signals[0].Offset;
            using var numbers = Numbers(file).GetEnumerator();
            for (var frame = 0; frame < frames; frame++)
            {
                foreach (var signal in signals)
                {
                    var samples = into[signal];
                    for (var at = frame * signal.SamplesPerFrame; at < (frame + 1) * signal.SamplesPerFrame; at++)
                    {
                        numbers.MoveNext();
                        samples[at] = !format.IsDifference ? numbers.Current : numbers.Current + (at > 0 ? samples[at - 1] : signal.InitialValue ?? 0);
                    }
                }
            }
        }

        /// <summary>The numbers in the file; the last group is padded with zeros.</summary>
        private IEnumerable<int> Numbers(FileStream file)
        {
            var bytes = new byte[format.Bytes * GroupsAtATime];
            var samples = new int[format.Samples];
            while (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) is > 0 and var length)
            {
                bytes.AsSpan(length).Clear();
                for (var at = 0; at < length; at += format.Bytes)
                {
                    format.Unpack(bytes.AsSpan(at, format.Bytes), samples);
                    foreach (var sample in samples)
                    {
                        yield return sample;
                    }
                }
            }
        }

        private BadFileException Bad(string message) => new(headerPath, signals[0].Line, message);
    }
}
