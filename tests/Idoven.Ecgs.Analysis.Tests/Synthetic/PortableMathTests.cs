using Idoven.Ecgs.Analysis.Synthetic;

namespace Idoven.Ecgs.Analysis.Tests.Synthetic;

public sealed class PortableMathTests
{
    private static readonly double[] Angles = [.. Enumerable.Range(-4000, 8001).Select(i => i / 1000.0)];

    [Fact]
    public void Functions_agree_with_those_of_the_platform()
    {
        Assert.All(Angles, x => Assert.Equal(Math.Sin(2 * Math.PI * x), PortableMath.SinOfTurns(x), 1e-13));
        Assert.All(Angles, x => Assert.Equal(1, PortableMath.Exp(x * 100) / Math.Exp(x * 100), 1e-13));
        Assert.All(Angles.Where(x => x > 0), x => Assert.Equal(Math.Log(x), PortableMath.Log(x), 1e-14));
        Assert.Equal(Math.Log(1e-16), PortableMath.Log(1e-16), 1e-13);
        Assert.Equal(0, PortableMath.Exp(double.NegativeInfinity));
    }

    [Fact]
    public void Normal_numbers_have_mean_0_and_standard_deviation_1()
    {
        var random = new SplitMix(seed: 1, stream: 0);
        var numbers = Enumerable.Range(0, 200_000).Select(_ => random.NextNormal()).ToArray();
        Assert.Equal(0, numbers.Average(), 0.01);
        Assert.Equal(1, numbers.Average(x => x * x), 0.02);
        Assert.Equal(0, numbers.Average(x => x * x * x), 0.05);
        Assert.Equal(3, numbers.Average(x => x * x * x * x), 0.1);
        Assert.Equal(0.6827, numbers.Count(x => Math.Abs(x) < 1) / 200_000.0, 0.005);
    }

    [Fact]
    public void Streams_of_a_seed_are_independent()
    {
        var one = new SplitMix(seed: 1, stream: 0);
        var other = new SplitMix(seed: 1, stream: 1);
        Assert.Equal(0, Enumerable.Range(0, 100_000).Average(_ => one.NextNormal() * other.NextNormal()), 0.02);
    }
}
