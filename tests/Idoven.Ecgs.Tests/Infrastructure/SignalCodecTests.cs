using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Infrastructure;

namespace Idoven.Ecgs.Tests.Infrastructure;

[Properties(MaxTest = 500)]
public sealed class SignalCodecTests
{
    private static readonly int[] Ends = [0, 1, -1, 127, -128, 1024, 1030, 1030, 995, int.MaxValue, int.MinValue, 0];
    private static readonly int[] Wave = [.. Enumerable.Range(0, 200).Select(i => (i % 25 * (25 - (i % 25))) - 60)];

    public static TheoryData<string, int[]> Signals
    {
        get
        {
            var random = new Random(42);
            return new TheoryData<string, int[]>
            {
                { "nothing", [] },
                { "one sample", [-1] },
                { "constant", [.. Enumerable.Repeat(1024, SignalBlock.MaxSamples)] },
                { "from end to end", [.. Enumerable.Range(0, 10_000).Select(i => i % 2 == 0 ? int.MinValue : int.MaxValue)] },
                { "a slow wave", [.. Enumerable.Range(0, SignalBlock.MaxSamples).Select(i => (int)(1000 * Math.Sin(i / 50.0)))] },
                { "noise", [.. Enumerable.Range(0, SignalBlock.MaxSamples).Select(_ => random.Next(int.MinValue, int.MaxValue))] },
            };
        }
    }

    [Property]
    public void Every_int32_is_decoded_unchanged(DoNotSize<int>[] samples) => RoundTrip([.. samples.Select(sample => sample.Item)]);

    [Property]
    public void Small_steps_are_decoded_unchanged(int[] steps)
    {
        var sample = 0;
        RoundTrip([.. steps.Select(step => sample += step)]);
    }

    [Theory, MemberData(nameof(Signals))]
    public void Signals_of_every_kind_are_decoded_unchanged(string kind, int[] samples)
    {
        var (encoding, bytes) = RoundTrip(samples);
        Assert.Equal(kind is "noise" or "one sample" or "nothing" ? SignalCodec.Raw : SignalCodec.DeltaBrotli, encoding);
        Assert.True(bytes.Length <= samples.Length * sizeof(int), "a block is never larger than its samples");
    }

    /// <summary>Decodes blocks of existing databases. A change that breaks one of them makes stored signals unreadable.</summary>
    [Theory]
    [InlineData(0, "AAAAAAEAAAD/////fwAAAID///8ABAAABgQAAAYEAADjAwAA////fwAAAIAAAAAA", nameof(Ends))]
    [InlineData(1, "AwuAAAIDgAL9A4ASDABFuPD//w8C/////w8D", nameof(Ends))]
    [InlineData(1, "g2MAAICqqqrqXwBEAEQARAFUAVQBVAFUAVQBVAFUAVQBVO83hQO4+JXiU1xjB7DOIPx31mglBWeEAFmtj7n2ue/cNA==", nameof(Wave))]
    public void Stored_block_of_an_earlier_version_is_readable(short encoding, string block, string samples)
    {
        var expected = samples == nameof(Ends) ? Ends : Wave;
        var decoded = new int[expected.Length];
        SignalCodec.Decode(encoding, Convert.FromBase64String(block), decoded);
        Assert.Equal(expected, decoded);
    }

    [Theory, InlineData(-1), InlineData(2), InlineData(short.MaxValue)]
    public void Unknown_encoding_is_rejected(short encoding) =>
        Assert.Throws<InvalidDataException>(() => SignalCodec.Decode(encoding, [0, 0, 0, 0], new int[1]));

    [Theory, InlineData(SignalCodec.Raw), InlineData(SignalCodec.DeltaBrotli)]
    public void Wrong_number_of_samples_is_rejected(short encoding)
    {
        var bytes = Block(encoding, [5, 6, 7]);
        foreach (var count in new[] { 0, 1, 2, 4, 100 })
        {
            Assert.Throws<InvalidDataException>(() => SignalCodec.Decode(encoding, bytes, new int[count]));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x10 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 })]
    [InlineData(new byte[] { 0x00, 0x00 })]
    [InlineData(new byte[0])]
    public void Differences_that_are_not_an_int32_are_rejected(byte[] varints) =>
        Assert.Throws<InvalidDataException>(() => SignalCodec.Decode(SignalCodec.DeltaBrotli, Packed(varints), new int[1]));

    /// <summary>
    /// Damage may change samples, because a block has no checksum. The only exception must be <see cref="InvalidDataException"/>.
    /// </summary>
    [Property(MaxTest = 2000)]
    public void Damaged_block_gives_samples_or_invalid_data(
        int[] samples, byte with, NonNegativeInt place, NonNegativeInt length, bool isCut)
    {
        foreach (var encoding in new[] { SignalCodec.Raw, SignalCodec.DeltaBrotli })
        {
            var bytes = Block(encoding, samples);
            var at = place.Get % (bytes.Length + 1);
            var end = isCut ? Math.Min(bytes.Length, at + length.Get) : at;
            Decodes(encoding, [.. bytes[..at], with, .. bytes[end..]], samples.Length);
            Decodes(encoding, bytes[..at], samples.Length);
        }
    }

    [Property]
    public void Random_bytes_give_samples_or_invalid_data(byte[] bytes, byte samples) => Decodes(SignalCodec.DeltaBrotli, bytes, samples);

    private static (short Encoding, byte[] Bytes) RoundTrip(int[] samples)
    {
        var (encoding, bytes) = SignalCodec.Encode(samples);
        var decoded = new int[samples.Length];
        SignalCodec.Decode(encoding, bytes, decoded);
        Assert.Equal(samples, decoded);
        return (encoding, bytes);
    }

    private static void Decodes(short encoding, byte[] bytes, int samples)
    {
        try
        {
            SignalCodec.Decode(encoding, bytes, new int[samples]);
        }
        catch (InvalidDataException)
        {
        }
    }

    /// <summary>Encodes a block with a given encoding, while the codec selects the smaller one.</summary>
    private static byte[] Block(short encoding, int[] samples)
    {
        if (encoding == SignalCodec.Raw)
        {
            return [.. samples.SelectMany(BitConverter.GetBytes)];
        }

        var previous = 0;
        var varints = new List<byte>();
        foreach (var sample in samples)
        {
            var zigzag = (uint)(((sample - previous) << 1) ^ ((sample - previous) >> 31));
            for (; zigzag >= 0x80; zigzag >>= 7)
            {
                varints.Add((byte)(zigzag | 0x80));
            }

            varints.Add((byte)zigzag);
            previous = sample;
        }

        return Packed([.. varints]);
    }

    private static byte[] Packed(byte[] varints)
    {
        var packed = new MemoryStream();
        using (var brotli = new System.IO.Compression.BrotliStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            brotli.Write(varints);
        }

        return packed.ToArray();
    }
}
