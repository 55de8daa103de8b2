using System.Buffers;
using System.Runtime.CompilerServices;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Data;
using Npgsql;
using NpgsqlTypes;

namespace Idoven.Ecgs.Infrastructure;

/// <summary>Stores signal blocks by binary COPY, in the transaction of their ECG, and reads them.</summary>
internal sealed class SignalStore(ModuleDatabase<EcgsDbContext> database, PoolUse pool) : ISignals
{
    /// <summary>
    /// The shortest time limit of one write to the server, which a checkpoint can delay. Npgsql sends no cancel request for a COPY.
    /// </summary>
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(4);

    private readonly List<(Guid EcgId, IReadOnlyList<SignalBlock> Blocks)> added = [];

    public void Add(Guid ecgId, IReadOnlyList<SignalBlock> blocks) => added.Add((ecgId, blocks));

    /// <summary>Writes the added blocks in the transaction that is open on the connection.</summary>
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

    public async Task<int[][]> ReadLeads(Guid ecgId, IReadOnlyList<Lead> leads, CancellationToken ct)
    {
        var decoded = leads.Select(lead => GC.AllocateUninitializedArray<int>(lead.Samples)).ToArray();
        await using var command = CreateCommand(
            """
            select lead_no, encoding, samples, bytes from ecgs.signal_blocks
            where ecg_id = $1 and lead_no between $2 and $3 order by lead_no, block_no
            """,
            ecgId, leads[0].Number, leads[^1].Number);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var hasRow = await reader.ReadAsync(ct);
        foreach (var (lead, samples) in leads.Zip(decoded))
        {
            var filled = 0;
            for (; hasRow && reader.GetInt16(0) == lead.Number; hasRow = await reader.ReadAsync(ct))
            {
                var length = reader.GetInt32(2);
                if (length > samples.Length - filled)
                {
                    throw new InvalidDataException($"Lead {lead.Number} has more than its {samples.Length} samples stored.");
                }

                SignalCodec.Decode(reader.GetInt16(1), reader.GetFieldValue<byte[]>(3), samples.AsSpan(filled, length));
                filled += length;
            }

            if (filled < samples.Length)
            {
                throw new InvalidDataException($"Lead {lead.Number} has {filled} of {samples.Length} samples stored.");
            }
        }

        return decoded;
    }

    public async IAsyncEnumerable<ReadOnlyMemory<int>> Read(
        Guid ecgId, short leadNumber, int from, int to, [EnumeratorCancellation] CancellationToken ct)
    {
        var buffer = ArrayPool<int>.Shared.Rent(SignalBlock.MaxSamples);
        try
        {
            for (var position = from; position < to;)
            {
                var number = position / SignalBlock.MaxSamples;
                var start = number * SignalBlock.MaxSamples;
                var end = Math.Min(to - start, SignalBlock.MaxSamples);
                var samples = await ReadBlock(ecgId, leadNumber, number, buffer, ct);
                if (samples < end)
                {
                    throw new InvalidDataException($"Block {number} of lead {leadNumber} has {samples} of {end} samples stored.");
                }

                yield return buffer.AsMemory(position - start, start + end - position);
                position = start + end;
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(buffer);
        }
    }

    /// <summary>Decodes a block into a buffer, and returns the connection to its pool.</summary>
    /// <returns>The number of samples; 0 if the block does not exist.</returns>
    private async Task<int> ReadBlock(Guid ecgId, short leadNumber, int blockNumber, int[] buffer, CancellationToken ct)
    {
        await using var command = CreateCommand(
            "select encoding, samples, bytes from ecgs.signal_blocks where ecg_id = $1 and lead_no = $2 and block_no = $3",
            ecgId, leadNumber, blockNumber);
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct))
        {
            return 0;
        }

        var samples = reader.GetInt32(1);
        SignalCodec.Decode(reader.GetInt16(0), reader.GetFieldValue<byte[]>(2), buffer.AsSpan(0, samples));
        return samples;
    }

    private NpgsqlCommand CreateCommand(string sql, params object[] values)
    {
        var command = database.PoolFor(pool).CreateCommand(sql);
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return command;
    }
}
