using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Api.Download;

/// <summary>Writes beats in the three media types in which they can be downloaded.</summary>
internal static class BeatFormat
{
    public const string Json = "application/json";
    public const string Csv = "text/csv";

    /// <summary>An annotation file in the MIT format, which the WFDB tools read (save it as RECORD.qrs).</summary>
    public const string Wfdb = "application/x-wfdb-annotation";

    public static readonly string[] All = [Json, Csv, Wfdb];

    // WFDB codes of the mnemonics N, S and V, and of SKIP, for an interval that does not fit in ten bits.
    private const int NormalCode = 1;
    private const int SupraventricularCode = 9;
    private const int VentricularCode = 5;
    private const int Skip = 59;
    private const int LongestInterval = 1023;

    public static byte[] Write(
        string mediaType, string? lead, string engineVersion, double? samplingFrequency, IReadOnlyList<ClassifiedBeat> beats) =>
        mediaType switch
        {
            Csv => ToCsv(samplingFrequency, beats),
            Wfdb => ToWfdb(beats),
            _ => JsonSerializer.SerializeToUtf8Bytes(
                BeatsResponse.FromBeats(lead, engineVersion, samplingFrequency, beats), JsonSerializerOptions.Web),
        };

    private static byte[] ToCsv(double? samplingFrequency, IReadOnlyList<ClassifiedBeat> beats)
    {
        var text = new StringBuilder("sample,timeMs,class\n");
        foreach (var beat in beats.Select(beat => BeatResponse.FromBeat(beat, samplingFrequency)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{beat.Sample},{beat.TimeMs},{beat.Class}\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>
    /// Writes a little-endian word for each annotation: the code (six bits) and the interval since the previous annotation (ten bits). A
    /// zero word ends the file.
    /// </summary>
    private static byte[] ToWfdb(IReadOnlyList<ClassifiedBeat> beats)
    {
        var writer = new ArrayBufferWriter<byte>((2 * beats.Count) + 2);
        void WriteWord(int word)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(writer.GetSpan(2), (ushort)word);
            writer.Advance(2);
        }

        var previous = 0;
        foreach (var beat in beats)
        {
            var sample = (int)Math.Round(beat.Sample);
            var interval = sample - previous;
            previous = sample;
            if (interval > LongestInterval)
            {
                WriteWord(Skip << 10);
                WriteWord(interval >> 16);
                WriteWord(interval & 0xFFFF);
                interval = 0;
            }

            var code = beat.Class switch { BeatClass.S => SupraventricularCode, BeatClass.V => VentricularCode, _ => NormalCode };
            WriteWord((code << 10) | interval);
        }

        WriteWord(0);
        return writer.WrittenSpan.ToArray();
    }
}
