using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Api.Download;

/// <summary>The three forms in which beats are given out.</summary>
internal static class BeatFormat
{
    public const string Json = "application/json";
    public const string Csv = "text/csv";

    /// <summary>An annotation file in MIT's format, as WFDB's tools read it (save it as RECORD.qrs).</summary>
    public const string Wfdb = "application/x-wfdb-annotation";

    public static readonly string[] All = [Json, Csv, Wfdb];

    // WFDB's numbers of the mnemonics N, S and V, and of an interval that ten bits cannot hold.
    private const int NormalCode = 1;
    private const int SupraventricularCode = 9;
    private const int VentricularCode = 5;
    private const int Skip = 59;
    private const int LongestInterval = 1023;

    public static byte[] Write(string form, string? lead, string engineVersion, double? samplingFrequency, IReadOnlyList<ClassifiedBeat> beats) => form switch
    {
        Csv => ToCsv(samplingFrequency, beats),
        Wfdb => ToWfdb(beats),
        _ => JsonSerializer.SerializeToUtf8Bytes(BeatsResponse.FromBeats(lead, engineVersion, samplingFrequency, beats), JsonSerializerOptions.Web),
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

    /// <summary>Little-endian words of a code (six bits) and the interval since the annotation before (ten bits); a word of zero ends them.</summary>
    private static byte[] ToWfdb(IReadOnlyList<ClassifiedBeat> beats)
    {
        var writer = new ArrayBufferWriter<byte>((2 * beats.Count) + 2);
        void Word(int word)
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
                Word(Skip << 10);
                Word(interval >> 16);
                Word(interval & 0xFFFF);
                interval = 0;
            }

            var code = beat.Class switch { BeatClass.S => SupraventricularCode, BeatClass.V => VentricularCode, _ => NormalCode };
            Word((code << 10) | interval);
        }

        Word(0);
        return writer.WrittenSpan.ToArray();
    }
}
