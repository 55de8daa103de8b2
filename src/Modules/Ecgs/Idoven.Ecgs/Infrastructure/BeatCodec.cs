using System.Buffers;
using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Encodes beats for storage, and decodes them: for each beat the distance from the previous one in hundredths of a sample, times four,
/// plus its class, as a variable-length integer (LEB128). The encoding must stay readable permanently.
/// </summary>
internal static class BeatCodec
{
    private const int UnitsPerSample = 100;
    private const int ClassBits = 2;
    private const int MaxShift = 63;

    public static byte[] Encode(IReadOnlyList<ClassifiedBeat> beats)
    {
        var writer = new ArrayBufferWriter<byte>(Math.Max(1, beats.Count * 3));
        var previous = 0L;
        foreach (var beat in beats)
        {
            var position = (long)Math.Round(beat.Sample * UnitsPerSample);
            var value = ((ulong)(position - previous) << ClassBits) | (uint)beat.Class;
            previous = position;
            for (; value >= 0x80; value >>= 7)
            {
                writer.Write([(byte)(value | 0x80)]);
            }

            writer.Write([(byte)value]);
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not a list of beats.</exception>
    public static IReadOnlyList<ClassifiedBeat> Decode(ReadOnlySpan<byte> bytes)
    {
        var beats = new List<ClassifiedBeat>();
        var position = 0L;
        for (var i = 0; i < bytes.Length;)
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                if (i == bytes.Length || shift > MaxShift)
                {
                    throw new InvalidDataException($"A list of beats is truncated or damaged after {beats.Count} beats.");
                }

                value |= (ulong)(bytes[i] & 0x7F) << shift;
                if (bytes[i++] < 0x80)
                {
                    break;
                }
            }

            position += (long)(value >> ClassBits);
            var kind = (BeatClass)(value & ((1 << ClassBits) - 1));
            beats.Add(Enum.IsDefined(kind)
                ? new ClassifiedBeat((double)position / UnitsPerSample, kind)
                : throw new InvalidDataException($"Beat {beats.Count} has an unknown class."));
        }

        return beats;
    }
}
