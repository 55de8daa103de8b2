using Idoven.Cli.Errors;

namespace Idoven.Cli.Recordings.Wfdb;

/// <summary>Reads the signal files that a header names.</summary>
internal static class WfdbSignals
{
    private const int GroupsAtATime = 16 * 1024;

    /// <summary>Returns the samples of every signal in the order of the header, verified by initial value and checksum.</summary>
    /// <exception cref="BadFileException">A file is missing, too short, of an unsupported format, or contradicts the header.</exception>
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
            Verify(headerPath, signal, samples);
        }

        return [.. header.Signals.Select(signal => signals[signal])];
    }

    private static void Verify(string headerPath, WfdbSignal signal, int[] samples)
    {
        if (samples.Length > 0 && signal.InitialValue is { } initial && samples[0] != initial)
        {
            throw new BadFileException(
                headerPath, signal.Line, $"The first sample must be {initial}, but {signal.File} has {samples[0]}.");
        }

        var sum = (short)samples.Aggregate(0, (sum, sample) => unchecked(sum + sample));
        if (signal.Checksum is { } checksum && (short)checksum != sum)
        {
            throw new BadFileException(
                headerPath, signal.Line, $"The checksum must be {(short)checksum}, but the samples in {signal.File} have {sum}.");
        }
    }

    /// <summary>Represents a file with interleaved signals.</summary>
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
                throw Error($"'{first.File}' is not a file in the folder of the header.");
            }

            format = WfdbFormat.Find(first.Format)
                ?? throw Error($"Signal format {first.Format} is not supported. Supported are {WfdbFormat.Names}.");
            if (signals.Any(signal => signal.Format != first.Format || signal.Offset != first.Offset))
            {
                throw Error($"The signals in {first.File} must have the same format and offset.");
            }

            path = Path.Combine(Path.GetDirectoryName(headerPath)!, first.File);
            if (!File.Exists(path))
            {
                throw Error($"{first.File} does not exist.");
            }

            var bytes = Math.Max(0, new FileInfo(path).Length - first.Offset);
            Frames = format.SamplesIn(bytes) / signals.Sum(signal => signal.SamplesPerFrame);
        }

        /// <summary>Gets the number of whole frames in the file.</summary>
        public long Frames { get; }

        /// <summary>Reads this number of frames into an array for each signal.</summary>
        public void Read(long frames, Dictionary<WfdbSignal, int[]> into)
        {
            if (frames > Frames)
            {
                throw Error($"{signals[0].File} has {Frames} samples of each signal, but the header says {frames}.");
            }

            if (frames * signals.Max(signal => signal.SamplesPerFrame) > Array.MaxLength)
            {
                throw Error($"{frames} samples are more than supported.");
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
                        var previous = at > 0 ? samples[at - 1] : signal.InitialValue ?? 0;
                        samples[at] = format.IsDifference ? previous + numbers.Current : numbers.Current;
                    }
                }
            }
        }

        /// <summary>Returns the numbers in the file. An incomplete last group is padded with zeros.</summary>
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

        private BadFileException Error(string message) => new(headerPath, signals[0].Line, message);
    }
}
