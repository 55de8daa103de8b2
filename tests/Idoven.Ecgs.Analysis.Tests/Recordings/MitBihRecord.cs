using System.Collections.Concurrent;
using System.Globalization;

namespace Idoven.Ecgs.Analysis.Tests.Recordings;

/// <summary>A record of the MIT-BIH Arrhythmia Database: WFDB signal format 212, two leads. Read once, however many tests ask.</summary>
internal sealed record MitBihRecord(double SamplingFrequency, IReadOnlyDictionary<string, int[]> Leads)
{
    private static readonly ConcurrentDictionary<string, Lazy<MitBihRecord>> Known = new();

    public static MitBihRecord Of(string name) => Known.GetOrAdd(name, _ => new Lazy<MitBihRecord>(() => Read(name))).Value;

    /// <exception cref="InvalidDataException">The decoded samples are not those the header describes.</exception>
    private static MitBihRecord Read(string name)
    {
        var lines = File.ReadAllLines(EcgData.PathOf("mitdb", $"{name}.hea")).Select(line => line.Split(' ')).ToList();
        var (leads, samples) = (Number(lines[0][1]), Number(lines[0][3]));
        var interleaved = Format212(File.ReadAllBytes(EcgData.PathOf("mitdb", $"{name}.dat")));
        if (interleaved.Length != leads * samples)
        {
            throw new InvalidDataException($"Record {name} has {interleaved.Length} samples.");
        }

        var signals = new Dictionary<string, int[]>();
        for (var lead = 0; lead < leads; lead++)
        {
            // file format gain resolution zero initial checksum block description
            var header = lines[1 + lead];
            var signal = Enumerable.Range(0, samples).Select(sample => interleaved[(sample * leads) + lead]).ToArray();
            if (signal[0] != Number(header[5]) || (short)signal.Sum() != Number(header[6]))
            {
                throw new InvalidDataException($"Record {name}, lead {header[8]}: initial value or check sum differ from the header's.");
            }

            signals.Add(header[8], signal);
        }

        return new MitBihRecord(Number(lines[0][2]), signals);
    }

    /// <summary>Three bytes hold two samples of 12 bits, two's complement.</summary>
    private static int[] Format212(byte[] bytes)
    {
        var samples = new int[bytes.Length / 3 * 2];
        for (int from = 0, to = 0; to < samples.Length; from += 3, to += 2)
        {
            samples[to] = Signed(bytes[from] | ((bytes[from + 1] & 0x0F) << 8));
            samples[to + 1] = Signed(bytes[from + 2] | ((bytes[from + 1] & 0xF0) << 4));
        }

        return samples;
    }

    private static int Signed(int twelveBits) => twelveBits << 20 >> 20;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
