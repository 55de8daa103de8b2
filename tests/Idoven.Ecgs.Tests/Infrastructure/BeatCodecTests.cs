using FsCheck.Xunit;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Infrastructure;

namespace Idoven.Ecgs.Tests.Infrastructure;

public sealed class BeatCodecTests
{
    [Property]
    public void Beats_are_decoded_to_a_hundredth_of_a_sample((uint Step, byte Kind)[] steps)
    {
        var position = 0L;
        var beats = steps.Select(step => new ClassifiedBeat((position += step.Step) / 100.0, (BeatClass)(step.Kind % 3))).ToArray();
        Assert.Equal(beats, BeatCodec.Decode(BeatCodec.Encode(beats)));
    }

    [Theory]
    [InlineData(0.126, 0.13)]
    [InlineData(0.124, 0.12)]
    [InlineData(77.999, 78)]
    public void A_position_is_rounded_to_the_nearest_hundredth_of_a_sample(double sample, double stored) =>
        Assert.Equal(
            [new ClassifiedBeat(stored, BeatClass.S)], BeatCodec.Decode(BeatCodec.Encode([new ClassifiedBeat(sample, BeatClass.S)])));

    [Fact]
    public void Day_of_beats_takes_at_most_three_bytes_per_beat()
    {
        var beats = Enumerable.Range(0, 100_000).Select(i => new ClassifiedBeat(i * 300.17, BeatClass.N)).ToArray();
        Assert.InRange(BeatCodec.Encode(beats).Length, 0, 300_000);
    }

    [Theory]
    [InlineData("80")]
    [InlineData("03")]
    [InlineData("0480")]
    [InlineData("8080808080808080808080")]
    public void Bytes_that_are_not_a_beat_list_are_rejected(string hex) =>
        Assert.Throws<InvalidDataException>(() => BeatCodec.Decode(Convert.FromHexString(hex)));
}
