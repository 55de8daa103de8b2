namespace Idoven.Ecgs.Application.Signals;

/// <summary>Encodes the samples of a <see cref="SignalBlock"/> for storage.</summary>
internal interface IBlockEncoder
{
    /// <summary>Encodes up to <see cref="SignalBlock.MaxSamples"/> samples without loss.</summary>
    /// <returns>The number of the encoding, and the bytes.</returns>
    (short Encoding, byte[] Bytes) Encode(ReadOnlySpan<int> samples);
}
