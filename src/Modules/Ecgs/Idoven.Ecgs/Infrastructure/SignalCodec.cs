using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Idoven.Ecgs.Application.Signals;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>
/// Encodes samples for storage without loss for every int32, and decodes them. Neighbouring samples are close, so their differences are
/// small: they are stored as zigzag variable-length integers, compressed by Brotli at its fastest level. Every numbered encoding must stay
/// readable permanently.
/// </summary>
internal sealed class SignalCodec : IBlockEncoder
{
    /// <summary>Samples as int32, little endian, for a block that the other encoding does not make smaller.</summary>
    public const short Raw = 0;

    /// <summary>Differences (wrapping; the first sample against 0) in zigzag and LEB128, compressed by Brotli.</summary>
    public const short DeltaBrotli = 1;

    private const int MaxVarint = 5;

    // The fifth byte has the last four of 32 bits.
    private const int LastShift = 28;
    private const byte LastByte = 0x0F;
    private const int BrotliQuality = 1;
    private const int BrotliWindow = 18;

    /// <summary>Encodes up to <see cref="SignalBlock.MaxSamples"/> samples.</summary>
    public static (short Encoding, byte[] Bytes) Encode(ReadOnlySpan<int> samples)
    {
        var varints = ArrayPool<byte>.Shared.Rent(samples.Length * MaxVarint);
        var packed = ArrayPool<byte>.Shared.Rent(samples.Length * sizeof(int));
        try
        {
            var length = WriteDeltas(samples, varints);
            var room = packed.AsSpan(0, samples.Length * sizeof(int));
            if (BrotliEncoder.TryCompress(varints.AsSpan(0, length), room, out var written, BrotliQuality, BrotliWindow))
            {
                return (DeltaBrotli, packed.AsSpan(0, written).ToArray());
            }

            for (var i = 0; i < samples.Length; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(room[(i * sizeof(int))..], samples[i]);
            }

            return (Raw, room.ToArray());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(varints);
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    /// <summary>Decodes exactly as many samples as <paramref name="samples"/> has room for.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a block of this encoding.</exception>
    public static void Decode(short encoding, ReadOnlySpan<byte> bytes, Span<int> samples)
    {
        switch (encoding)
        {
            case Raw:
                DecodeRaw(bytes, samples);
                break;
            case DeltaBrotli:
                DecodeDeltaBrotli(bytes, samples);
                break;
            default:
                throw new InvalidDataException($"A signal block has the unknown encoding {encoding}.");
        }
    }

    (short Encoding, byte[] Bytes) IBlockEncoder.Encode(ReadOnlySpan<int> samples) => Encode(samples);

    private static int WriteDeltas(ReadOnlySpan<int> samples, Span<byte> target)
    {
        var length = 0;
        var previous = 0;
        foreach (var sample in samples)
        {
            var delta = unchecked(sample - previous);
            previous = sample;
            var zigzag = (uint)((delta << 1) ^ (delta >> 31));
            while (zigzag >= 0x80)
            {
                target[length++] = (byte)(zigzag | 0x80);
                zigzag >>= 7;
            }

            target[length++] = (byte)zigzag;
        }

        return length;
    }

    private static void DecodeRaw(ReadOnlySpan<byte> bytes, Span<int> samples)
    {
        if (bytes.Length != samples.Length * sizeof(int))
        {
            throw new InvalidDataException($"A raw signal block of {samples.Length} samples has {bytes.Length} bytes.");
        }

        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        }
    }

    private static void DecodeDeltaBrotli(ReadOnlySpan<byte> bytes, Span<int> samples)
    {
        var varints = ArrayPool<byte>.Shared.Rent(samples.Length * MaxVarint);
        try
        {
            if (!BrotliDecoder.TryDecompress(bytes, varints.AsSpan(0, samples.Length * MaxVarint), out var length))
            {
                throw new InvalidDataException("A signal block is not a Brotli stream of its size.");
            }

            ReadDeltas(varints.AsSpan(0, length), samples);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(varints);
        }
    }

    private static void ReadDeltas(ReadOnlySpan<byte> varints, Span<int> samples)
    {
        var position = 0;
        var previous = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            uint zigzag = 0;
            for (var shift = 0; ; shift += 7)
            {
                if (position == varints.Length || (shift == LastShift && varints[position] > LastByte))
                {
                    throw new InvalidDataException($"A signal block is truncated or damaged at sample {i} of {samples.Length}.");
                }

                var next = varints[position++];
                zigzag |= (uint)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    break;
                }
            }

            previous = unchecked(previous + ((int)(zigzag >> 1) ^ -(int)(zigzag & 1)));
            samples[i] = previous;
        }

        if (position != varints.Length)
        {
            throw new InvalidDataException($"A signal block has {varints.Length - position} bytes after its {samples.Length} samples.");
        }
    }
}
