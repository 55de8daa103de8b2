namespace Idoven.Ecgs.Application.Signals;

/// <summary>Up to 65,536 consecutive samples of one lead, encoded without loss.</summary>
/// <param name="LeadNumber">The lead's place in the upload, from 0.</param>
/// <param name="BlockNumber">The block's place in the lead, from 0.</param>
/// <param name="Encoding">How <paramref name="Bytes"/> are read: their numbers are those of <see cref="IBlockEncoder"/>.</param>
/// <param name="Samples">How many samples it holds.</param>
/// <param name="Bytes">The encoded samples.</param>
internal sealed record SignalBlock(short LeadNumber, int BlockNumber, short Encoding, int Samples, ReadOnlyMemory<byte> Bytes)
{
    public const int MaxSamples = 65_536;
}
