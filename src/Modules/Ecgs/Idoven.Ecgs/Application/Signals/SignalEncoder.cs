using System.Buffers;

namespace Idoven.Ecgs.Application.Signals;

/// <summary>
/// Encodes the samples of an upload into blocks as they arrive. Returns its part of the budget when disposed.
/// </summary>
internal sealed class SignalEncoder(CallerBudget budget, IBlockEncoder blockEncoder) : IDisposable
{
    private readonly List<SignalBlock> blocks = [];
    private int[] buffer = ArrayPool<int>.Shared.Rent(SignalBlock.MaxSamples);
    private int filled;
    private short lead;
    private int block;
    private long taken;

    public IReadOnlyList<SignalBlock> Blocks => blocks;

    /// <summary>Gets the space for the next samples, which <see cref="Advance"/> adds to the lead.</summary>
    public Span<int> FreeSpace => buffer.AsSpan(filled, SignalBlock.MaxSamples - filled);

    /// <exception cref="SignalBudgetException">The host, or the caller, holds as many bytes as it may.</exception>
    public void Advance(int samples)
    {
        filled += samples;
        if (filled == SignalBlock.MaxSamples)
        {
            Flush();
        }
    }

    /// <summary>Ends the current lead. The next sample belongs to the next lead.</summary>
    public void EndLead()
    {
        if (filled > 0)
        {
            Flush();
        }

        lead++;
        block = 0;
    }

    public void Dispose()
    {
        budget.GiveBack(taken);
        taken = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<int>.Shared.Return(buffer);
            buffer = [];
        }
    }

    private void Flush()
    {
        var (encoding, bytes) = blockEncoder.Encode(buffer.AsSpan(0, filled));
        budget.Take(bytes.Length);
        taken += bytes.Length;
        blocks.Add(new SignalBlock(lead, block++, encoding, filled, bytes));
        filled = 0;
    }
}
