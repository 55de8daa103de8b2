using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Idoven.Ecgs.Analysis.Tests.Recordings;

/// <summary>Reads WFDB records in signal formats 16 and 212, also with a byte offset (16+24), and MIT annotation files.</summary>
internal static class Wfdb
{
    // Index = annotation type; a blank is a type that the tests do not use.
    private const string Codes = " NLRaVFJASEj/Q~ | sT*D\"=pB^t+u?![]en@xf()r";

    /// <summary>Reads a record.</summary>
    /// <param name="header">Path of the .hea file.</param>
    /// <param name="annotator">The suffix of the annotation file.</param>
    /// <exception cref="InvalidDataException">The decoded samples are not those the header describes.</exception>
    public static Recording Read(string header, string annotator = "atr")
    {
        var lines = File.ReadAllLines(header)
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Trim().Split(' '))
            .ToList();
        var count = int.Parse(lines[0][1], CultureInfo.InvariantCulture);
        var frequency = double.Parse(lines[0][2].Split('/', '(')[0], CultureInfo.InvariantCulture);
        var signals = lines.Slice(1, count);
        var bytes = File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(header)!, signals[0][0]));
        var format = signals[0][1].Replace("x1", "", StringComparison.Ordinal).Split('+');
        var data = bytes.AsSpan(format.Length > 1 ? int.Parse(format[1], CultureInfo.InvariantCulture) : 0);
        var interleaved = format[0] switch
        {
            "16" => Format16(data),
            "212" => Format212(data),
            _ => throw new NotSupportedException($"WFDB signal format {signals[0][1]}"),
        };
        var leads = new List<Lead>();
        for (var i = 0; i < count; i++)
        {
            var samples = new int[interleaved.Length / count];
            for (var k = 0; k < samples.Length; k++)
            {
                samples[k] = interleaved[(k * count) + i];
            }

            // file format gain resolution zero initial checksum block description; a checksum of 0 may mean that none was computed.
            var checksum = (short)int.Parse(signals[i][6], CultureInfo.InvariantCulture);
            if (samples[0] != int.Parse(signals[i][5], CultureInfo.InvariantCulture) || (checksum != 0 && (short)samples.Sum() != checksum))
            {
                throw new InvalidDataException($"{header}, signal {i}: initial value or check sum differ from the header's.");
            }

            leads.Add(new Lead(string.Join(' ', signals[i].Skip(8)), samples));
        }

        var annotations = Path.ChangeExtension(header, annotator);
        return new Recording(
            Path.GetFileNameWithoutExtension(header), frequency, leads, File.Exists(annotations) ? ReadAnnotations(annotations) : []);
    }

    public static IReadOnlyList<Annotation> ReadAnnotations(string path)
    {
        const int Skip = 59, Num = 60, Sub = 61, Chn = 62, Aux = 63;
        var bytes = File.ReadAllBytes(path).AsSpan();
        var annotations = new List<Annotation>();
        var sample = 0;
        for (var i = 0; i + 1 < bytes.Length;)
        {
            var word = BinaryPrimitives.ReadUInt16LittleEndian(bytes[i..]);
            i += 2;
            var (type, interval) = (word >> 10, word & 1023);
            switch (type)
            {
                case 0 when interval == 0:
                    return annotations;
                case Skip:
                    var (high, low) =
                        (BinaryPrimitives.ReadInt16LittleEndian(bytes[i..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i + 2)..]));
                    sample += (high << 16) + low;
                    i += 4;
                    break;
                case Num or Sub or Chn:
                    break;
                case Aux:
                    annotations[^1] = annotations[^1] with { Text = Encoding.ASCII.GetString(bytes.Slice(i, interval)).TrimEnd('\0') };
                    i += interval + (interval & 1);
                    break;
                default:
                    sample += interval;
                    annotations.Add(new Annotation(sample, type < Codes.Length ? Codes[type] : ' '));
                    break;
            }
        }

        return annotations;
    }

    private static int[] Format16(ReadOnlySpan<byte> bytes)
    {
        var samples = new int[bytes.Length / 2];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]);
        }

        return samples;
    }

    private static int[] Format212(ReadOnlySpan<byte> bytes)
    {
        var samples = new int[bytes.Length / 3 * 2];
        for (var i = 0; i < samples.Length / 2; i++)
        {
            var (low, shared, high) = (bytes[3 * i], bytes[(3 * i) + 1], bytes[(3 * i) + 2]);
            samples[2 * i] = ((low | ((shared & 0x0F) << 8)) << 20) >> 20;
            samples[(2 * i) + 1] = ((high | ((shared & 0xF0) << 4)) << 20) >> 20;
        }

        return samples;
    }
}
