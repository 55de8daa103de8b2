using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Infrastructure;

namespace Idoven.Ecgs.Tests.Application.Signals;

public sealed class SignalEncoderTests
{
    [Fact]
    public void Lead_is_split_into_blocks_of_65536_samples_and_a_rest()
    {
        int[][] leads = [[.. Enumerable.Range(0, (2 * SignalBlock.MaxSamples) + 1)], [.. Enumerable.Range(5, SignalBlock.MaxSamples)], [7]];
        using var encoder = new SignalEncoder(new SignalBudget(long.MaxValue, share: long.MaxValue).ForCaller(""), new SignalCodec());
        foreach (var lead in leads)
        {
            Write(encoder, lead);
        }

        Assert.Equal(65_536, SignalBlock.MaxSamples);
        Assert.Equal(
            [(0, 0, 65_536), (0, 1, 65_536), (0, 2, 1), (1, 0, 65_536), (2, 0, 1)],
            encoder.Blocks.Select(block => ((int)block.LeadNumber, block.BlockNumber, block.Samples)));
        foreach (var block in encoder.Blocks)
        {
            var samples = new int[block.Samples];
            SignalCodec.Decode(block.Encoding, block.Bytes.Span, samples);
            Assert.Equal(leads[block.LeadNumber].Skip(block.BlockNumber * SignalBlock.MaxSamples).Take(block.Samples), samples);
        }
    }

    [Fact]
    public void Encoded_bytes_are_taken_from_the_budget_and_returned()
    {
        var samples = Enumerable.Range(0, 1000).Select(sample => sample * sample).ToArray();
        var size = SignalCodec.Encode(samples).Bytes.Length;
        var budget = new SignalBudget((2 * size) + 1, share: (2 * size) + 1).ForCaller("");
        using (var first = new SignalEncoder(budget, new SignalCodec()))
        using (var second = new SignalEncoder(budget, new SignalCodec()))
        {
            Write(first, samples);
            Write(second, samples);
            Assert.Throws<SignalBudgetException>(() => Write(second, samples));
            Assert.Single(second.Blocks);
        }

        // The whole budget was returned, and not more.
        Assert.Throws<SignalBudgetException>(() => budget.Take((2 * size) + 2));
        budget.Take((2 * size) + 1);
        Assert.Throws<SignalBudgetException>(() => budget.Take(1));
    }

    [Fact]
    public void Encoder_disposed_twice_returns_its_bytes_once()
    {
        var budget = new SignalBudget(100, share: 100).ForCaller("");
        var encoder = new SignalEncoder(budget, new SignalCodec());
        Write(encoder, [1, 2, 3]);
        encoder.Dispose();
        encoder.Dispose();
        Assert.Throws<SignalBudgetException>(() => budget.Take(101));
    }

    private static void Write(SignalEncoder encoder, ReadOnlySpan<int> samples)
    {
        while (samples.Length > 0)
        {
            var length = Math.Min(encoder.FreeSpace.Length, samples.Length);
            samples[..length].CopyTo(encoder.FreeSpace);
            encoder.Advance(length);
            samples = samples[length..];
        }

        encoder.EndLead();
    }
}
