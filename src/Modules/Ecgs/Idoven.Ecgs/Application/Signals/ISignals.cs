using Idoven.Ecgs.Domain;

namespace Idoven.Ecgs.Application.Signals;

/// <summary>The stored signals: blocks beside the ECG, in its own transaction.</summary>
internal interface ISignals
{
    /// <summary>Blocks that the next <see cref="IEcgs.Save"/> stores with their ECG.</summary>
    void Add(Guid ecgId, IReadOnlyList<SignalBlock> blocks);

    /// <summary>Decodes whole leads by one query.</summary>
    /// <param name="leads">Leads with consecutive numbers.</param>
    /// <returns>Their samples, in the same order.</returns>
    /// <exception cref="InvalidDataException">What is stored cannot be decoded, or is not whole.</exception>
    Task<int[][]> ReadLeads(Guid ecgId, IReadOnlyList<Lead> leads, CancellationToken ct);

    /// <summary>
    /// Decodes the samples [from, to) of a lead, block by block; a block is valid until the next one. Nothing of the database is held while the caller
    /// works with a block, so it may be written to a client.
    /// </summary>
    /// <exception cref="InvalidDataException">What is stored cannot be decoded, or is not whole.</exception>
    IAsyncEnumerable<ReadOnlyMemory<int>> Read(Guid ecgId, short leadNumber, int from, int to, CancellationToken ct);
}
