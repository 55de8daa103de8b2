using System.Buffers;
using System.Runtime.CompilerServices;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Signals;
using Idoven.Shared.Persistence;
using Npgsql;
using NpgsqlTypes;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>Signal blocks by binary COPY, on the connection and in the transaction of their ECG.</summary>
internal sealed class StoredSignals(ModuleDatabase<EcgsDbContext> database, PoolUse pool) : ISignals
{
    /// <summary>How long one write to the server may take, at least: a checkpoint can delay it. Npgsql sends no cancel request for a COPY.</summary>
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(4);

    private readonly List<(Guid EcgId, IReadOnlyList<SignalBlock> Blocks)> added = [];

    public void Add(Guid ecgId, IReadOnlyList<SignalBlock> blocks) => added.Add((ecgId, blocks));

    /// <summary>Writes what was added; the caller's transaction is open on the connection.</summary>
    public async Task Write(NpgsqlConnection connection, CancellationToken ct)
    {
        if (added.Count == 0)
        {
            return;
        }

        await using var copy = await connection.BeginBinaryImportAsync(
            "copy ecgs.signal_blocks (ecg_id, lead_no, block_no, encoding, samples, bytes) from stdin (format binary)", ct);
        if (connection.CommandTimeout > 0 && connection.CommandTimeout < WriteLimit.TotalSeconds)
        {
            copy.Timeout = WriteLimit;
        }

        foreach (var (ecgId, blocks) in added)
        {
            foreach (var block in blocks)
            {
                await copy.StartRowAsync(ct);
                await copy.WriteAsync(ecgId, NpgsqlDbType.Uuid, ct);
                await copy.WriteAsync(block.LeadNumber, NpgsqlDbType.Smallint, ct);
                await copy.WriteAsync(block.BlockNumber, NpgsqlDbType.Integer, ct);
                await copy.WriteAsync(block.Encoding, NpgsqlDbType.Smallint, ct);
                await copy.WriteAsync(block.Samples, NpgsqlDbType.Integer, ct);
                await copy.WriteAsync(block.Bytes, NpgsqlDbType.Bytea, ct);
            }
        }

        await copy.CompleteAsync(ct);
        added.Clear();
    }

    public async Task<int[]> ReadLead(Guid ecgId, short leadNumber, int samples, CancellationToken ct)
    {
        var lead = GC.AllocateUninitializedArray<int>(samples);
        var filled = 0;
        await foreach (var block in Read(ecgId, leadNumber, 0, samples, ct))
        {
            block.Span.CopyTo(lead.AsSpan(filled));
            filled += block.Length;
        }

        return filled == samples
            ? lead
            : throw new InvalidDataException($"Lead {leadNumber} has {filled} of {samples} samples stored.");
    }

    public async IAsyncEnumerable<ReadOnlyMemory<int>> Read(
        Guid ecgId, short leadNumber, int from, int to, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var command = database.PoolFor(pool).CreateCommand(
            "select block_no, encoding, samples, bytes from ecgs.signal_blocks where ecg_id = $1 and lead_no = $2 and block_no between $3 and $4 order by block_no");
        object[] values = [ecgId, leadNumber, from / SignalBlock.MaxSamples, (to - 1) / SignalBlock.MaxSamples];
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        await using var reader = await command.ExecuteReaderAsync(ct);
        var buffer = ArrayPool<int>.Shared.Rent(SignalBlock.MaxSamples);
        try
        {
            while (await reader.ReadAsync(ct))
            {
                var start = reader.GetInt32(0) * SignalBlock.MaxSamples;
                var samples = reader.GetInt32(2);
                SignalCodec.Decode(reader.GetInt16(1), reader.GetFieldValue<byte[]>(3), buffer.AsSpan(0, samples));
                var first = Math.Max(from - start, 0);
                var end = Math.Min(to - start, samples);
                if (first < end)
                {
                    yield return buffer.AsMemory(first, end - first);
                }
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(buffer);
        }
    }
}
