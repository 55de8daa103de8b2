using Idoven.Ecgs.Application.Signals;

namespace Idoven.Ecgs.Application;

/// <summary>The stored signals: blocks beside the ECG, in its own transaction.</summary>
internal interface ISignals
{
    /// <summary>Blocks that the next <see cref="IEcgs.Save"/> stores with their ECG.</summary>
    void Add(Guid ecgId, IReadOnlyList<SignalBlock> blocks);

    /// <summary>Decodes a whole lead.</summary>
    /// <exception cref="InvalidDataException">What is stored cannot be decoded, or is not whole.</exception>
    Task<int[]> ReadLead(Guid ecgId, short leadNumber, int samples, CancellationToken ct);

    /// <summary>Decodes the samples [from, to) of a lead, block by block; a span is valid until the next one.</summary>
    /// <exception cref="InvalidDataException">What is stored cannot be decoded.</exception>
    IAsyncEnumerable<ReadOnlyMemory<int>> Read(Guid ecgId, short leadNumber, int from, int to, CancellationToken ct);
}
