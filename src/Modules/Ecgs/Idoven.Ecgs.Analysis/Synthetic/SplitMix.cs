namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>
/// The generator SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"): the same numbers for the same
/// seed on every platform and version.
/// </summary>
/// <param name="seed">The seed.</param>
/// <param name="stream">Which of the seed's streams: a purpose that draws more doesn't shift the numbers of another.</param>
internal sealed class SplitMix(ulong seed, ulong stream)
{
    private ulong state = Mix(seed) ^ Mix(~stream);
    private double? spare;

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextUniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in 0 to <paramref name="count"/> - 1.</summary>
    public int NextBelow(int count) => (int)(NextUniform() * count);

    /// <summary>Normal with mean 0 and standard deviation 1, by Box and Muller (1958).</summary>
    public double NextNormal()
    {
        if (spare is { } kept)
        {
            spare = null;
            return kept;
        }

        var radius = Math.Sqrt(-2 * PortableMath.Log(1 - NextUniform()));
        var turns = NextUniform();
        spare = radius * PortableMath.SinOfTurns(turns + 0.25);
        return radius * PortableMath.SinOfTurns(turns);
    }

    private ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        return Mix(state);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
