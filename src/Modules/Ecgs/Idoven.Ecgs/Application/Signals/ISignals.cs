using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Application.Signals;

/// <summary>Represents the stored signals, in blocks that are stored in the transaction of their ECG.</summary>
internal interface ISignals
{
    /// <summary>Adds blocks that the next <see cref="IEcgs.Save"/> stores with their ECG.</summary>
    void Add(Guid ecgId, IReadOnlyList<SignalBlock> blocks);

    /// <summary>Decodes whole leads by one query.</summary>
    /// <param name="leads">Leads with consecutive numbers.</param>
    /// <returns>Their samples, in the same order.</returns>
    /// <exception cref="InvalidDataException">The stored blocks cannot be decoded or are incomplete.</exception>
    Task<int[][]> ReadLeads(Guid ecgId, IReadOnlyList<Lead> leads, CancellationToken ct);

    /// <summary>
    /// Decodes the samples [from, to) of a lead, block by block; a block is valid until the next one. No database connection is held while
    /// the caller works with a block, so the caller can write it to a client.
    /// </summary>
    /// <exception cref="InvalidDataException">The stored blocks cannot be decoded or are incomplete.</exception>
    IAsyncEnumerable<ReadOnlyMemory<int>> Read(Guid ecgId, short leadNumber, int from, int to, CancellationToken ct);
}
