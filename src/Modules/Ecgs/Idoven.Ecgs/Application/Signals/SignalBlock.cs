namespace Idoven.Ecgs.Application.Signals;

/// <summary>Represents up to 65,536 consecutive samples of one lead, encoded without loss.</summary>
/// <param name="LeadNumber">The index of the lead in the upload.</param>
/// <param name="BlockNumber">The index of the block in the lead.</param>
/// <param name="Encoding">The number of the encoding, from <see cref="IBlockEncoder"/>.</param>
/// <param name="Samples">The number of samples.</param>
/// <param name="Bytes">The encoded samples.</param>
internal sealed record SignalBlock(short LeadNumber, int BlockNumber, short Encoding, int Samples, ReadOnlyMemory<byte> Bytes)
{
    public const int MaxSamples = 65_536;
}
