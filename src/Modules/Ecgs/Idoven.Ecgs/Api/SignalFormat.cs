using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text.Json;

namespace Idoven.Ecgs.Api;

/// <summary>The three forms in which samples are given out, written block by block.</summary>
internal static class SignalFormat
{
    public const string Json = "application/json";
    public const string Csv = "text/csv";
    public const string Binary = "application/octet-stream";

    public static readonly string[] All = [Json, Csv, Binary];

    private const int MaxDigits = 12;

    public static async Task Write(
        string format, string lead, int from, IAsyncEnumerable<ReadOnlyMemory<int>> blocks, Stream output, CancellationToken ct)
    {
        var writer = PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true));
        if (format == Json)
        {
            writer.Write("{\"lead\":"u8);
            writer.Write(JsonSerializer.SerializeToUtf8Bytes(lead));
            WriteText(writer, ",\"from\":"u8, from, ",\"signal\":["u8);
        }
        else if (format == Csv)
        {
            writer.Write("sample,value\n"u8);
        }

        var position = from;
        await foreach (var block in blocks.WithCancellation(ct))
        {
            WriteBlock(format, block.Span, position, isFirst: position == from, writer);
            position += block.Length;
            await writer.FlushAsync(ct);
        }

        if (format == Json)
        {
            writer.Write("]}"u8);
        }

        await writer.FlushAsync(ct);
        await writer.CompleteAsync();
    }

    private static void WriteBlock(string format, ReadOnlySpan<int> samples, int position, bool isFirst, PipeWriter writer)
    {
        switch (format)
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

    private static void WriteText(PipeWriter writer, ReadOnlySpan<byte> before, int number, ReadOnlySpan<byte> after)
    {
        var span = writer.GetSpan(before.Length + MaxDigits + after.Length);
        before.CopyTo(span);
        Utf8Formatter.TryFormat(number, span[before.Length..], out var digits);
        after.CopyTo(span[(before.Length + digits)..]);
        writer.Advance(before.Length + digits + after.Length);
    }
}
