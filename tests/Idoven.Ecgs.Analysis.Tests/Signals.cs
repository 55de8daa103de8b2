using FsCheck;
using FsCheck.Fluent;

namespace Idoven.Ecgs.Analysis.Tests;

/// <summary>Samples for the property tests.</summary>
/// <param name="Samples">Of one of the shapes of <see cref="Signals"/>.</param>
public sealed record TestSignal(int[] Samples)
{
    public override string ToString() => $"[{string.Join(", ", Samples)}]";
}

/// <summary>Signals rich in what goes wrong: zeros, sign changes, the ends of int32.</summary>
public static class Signals
{
    public static Arbitrary<TestSignal> Any()
    {
        var nearZero = Gen.Choose(-2, 2);
        var everywhere = ArbMap.Default.GeneratorFor<DoNotSize<int>>().Select(sample => sample.Item);
        var ends = Gen.Elements(int.MinValue, int.MinValue + 1, -1, 0, 1, int.MaxValue - 1, int.MaxValue);
        var samples = Gen.OneOf(
            Gen.ArrayOf(nearZero), Gen.ArrayOf(everywhere), Gen.ArrayOf(ends), Gen.ArrayOf(Gen.OneOf(nearZero, everywhere, ends)));
        return Arb.From(samples.Select(values => new TestSignal(values)), signal => ArbMap.Default.ArbFor<int[]>().Shrinker(signal.Samples).Select(values => new TestSignal(values)));
    }
}
