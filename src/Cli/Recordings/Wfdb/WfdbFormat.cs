using System.Buffers.Binary;

namespace Idoven.Cli.Recordings.Wfdb;

/// <summary>Unpacks one group: the smallest whole number of bytes that contains a whole number of samples.</summary>
internal delegate void UnpackGroup(ReadOnlySpan<byte> bytes, Span<int> samples);

/// <summary>Represents the encoding of samples in a signal file (signal(5) of the WFDB Applications Guide).</summary>
/// <param name="Bytes">The number of bytes in a group.</param>
/// <param name="Samples">The number of samples in a group.</param>
/// <param name="Unpack">Unpacks a group.</param>
/// <param name="IsDifference">
/// Whether each number is the difference from the previous sample, and the first one from the initial value in the header.
/// </param>
internal sealed record WfdbFormat(int Bytes, int Samples, UnpackGroup Unpack, bool IsDifference = false)
{
    private static readonly Dictionary<int, WfdbFormat> Known = new()
    {
        [8] = new(1, 1, (b, s) => s[0] = (sbyte)b[0], IsDifference: true),
        [16] = new(2, 1, (b, s) => s[0] = BinaryPrimitives.ReadInt16LittleEndian(b)),
        [24] = new(3, 1, (b, s) => s[0] = b[0] | (b[1] << 8) | ((sbyte)b[2] << 16)),
        [32] = new(4, 1, (b, s) => s[0] = BinaryPrimitives.ReadInt32LittleEndian(b)),
        [61] = new(2, 1, (b, s) => s[0] = BinaryPrimitives.ReadInt16BigEndian(b)),
        [80] = new(1, 1, (b, s) => s[0] = b[0] - 128),
        [160] = new(2, 1, (b, s) => s[0] = BinaryPrimitives.ReadUInt16LittleEndian(b) - 32768),
        [212] = new(3, 2, Unpack212),
        [310] = new(4, 3, Unpack310),
        [311] = new(4, 3, Unpack311),
    };

    /// <summary>Gets the supported formats, for messages.</summary>
    public static string Names => string.Join(", ", Known.Keys);

    /// <summary>Returns the format with this number; null if it is not supported.</summary>
    public static WfdbFormat? Find(int code) => Known.GetValueOrDefault(code);

    /// <summary>Returns the number of samples in this number of bytes.</summary>
    public long SamplesIn(long bytes) => (bytes / Bytes * Samples) + (bytes % Bytes * Samples / Bytes);

    private static void Unpack212(ReadOnlySpan<byte> bytes, Span<int> samples)
    {
        samples[0] = Signed(bytes[0] | (bytes[1] << 8), 12);
        samples[1] = Signed(bytes[2] | (bytes[1] >> 4 << 8), 12);
    }

    private static void Unpack310(ReadOnlySpan<byte> bytes, Span<int> samples)
    {
        int first = BinaryPrimitives.ReadUInt16LittleEndian(bytes), second = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
        samples[0] = Signed(first >> 1, 10);
        samples[1] = Signed(second >> 1, 10);
        samples[2] = Signed((first >> 11) | (second >> 11 << 5), 10);
    }

    private static void Unpack311(ReadOnlySpan<byte> bytes, Span<int> samples)
    {
        var word = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        samples[0] = Signed(word, 10);
        samples[1] = Signed(word >> 10, 10);
        samples[2] = Signed(word >> 20, 10);
    }

    /// <summary>Returns the lowest bits as a two's complement number.</summary>
    private static int Signed(int word, int bits) => word << (32 - bits) >> (32 - bits);
}
