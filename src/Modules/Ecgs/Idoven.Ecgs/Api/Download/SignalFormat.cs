using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;
using Idoven.Shared.Web;

namespace Idoven.Ecgs.Api.Download;

/// <summary>Writes samples, block by block, in the three media types in which they can be downloaded.</summary>
internal static class SignalFormat
{
    public const string Json = "application/json";
    public const string Csv = "text/csv";
    public const string Binary = "application/octet-stream";

    public static readonly string[] All = [Json, Csv, Binary];

    private const int MaxDigits = 12;

    /// <summary>The number of samples that are written before a full piece is flushed: at most 24 KiB of CSV.</summary>
    private const int SliceSamples = 1024;

    /// <summary>Returns the length of a response in bytes; null if it depends on the samples.</summary>
    public static long? Length(string mediaType, int samples) => mediaType == Binary ? (long)samples * sizeof(int) : null;

    /// <param name="blocks">The samples. Nothing is sent before the first of them: if it cannot be read, the response is a problem.</param>
    public static async Task Write(
        string mediaType, string lead, int from, IAsyncEnumerable<ReadOnlyMemory<int>> blocks, StreamedResponse response)
    {
        if (mediaType == Json)
        {
            response.Output.Write("{\"lead\":"u8);
            response.Output.Write(JsonSerializer.SerializeToUtf8Bytes(lead));
            WriteText(response.Output, ",\"from\":"u8, from, ",\"signal\":["u8);
        }
        else if (mediaType == Csv)
        {
            response.Output.Write("sample,value\n"u8);
        }

        var position = from;
        await foreach (var block in blocks)
        {
            for (var start = 0; start < block.Length; start += SliceSamples)
            {
                var slice = block[start..Math.Min(start + SliceSamples, block.Length)];
                WriteBlock(mediaType, slice.Span, position, isFirst: position == from, response.Output);
                position += slice.Length;
                await response.FlushFullPiece();
            }
        }

        if (mediaType == Json)
        {
            response.Output.Write("]}"u8);
        }
    }

    private static void WriteBlock(string mediaType, ReadOnlySpan<int> samples, int position, bool isFirst, IBufferWriter<byte> writer)
    {
        switch (mediaType)
        {
            case Binary:
                foreach (var sample in samples)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), sample);
                    writer.Advance(sizeof(int));
                }

                break;
            case Csv:
                for (var i = 0; i < samples.Length; i++)
                {
                    WriteText(writer, ""u8, position + i, ","u8);
                    WriteText(writer, ""u8, samples[i], "\n"u8);
                }

                break;
            default:
                for (var i = 0; i < samples.Length; i++)
                {
                    WriteText(writer, isFirst && i == 0 ? ""u8 : ","u8, samples[i], ""u8);
                }

                break;
        }
    }

    private static void WriteText(IBufferWriter<byte> writer, ReadOnlySpan<byte> before, int number, ReadOnlySpan<byte> after)
    {
        var span = writer.GetSpan(before.Length + MaxDigits + after.Length);
        before.CopyTo(span);
        Utf8Formatter.TryFormat(number, span[before.Length..], out var digits);
        after.CopyTo(span[(before.Length + digits)..]);
        writer.Advance(before.Length + digits + after.Length);
    }
}
