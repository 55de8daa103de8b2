namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>
/// Generates random numbers by SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"): the same numbers
/// for the same seed on every platform and version.
/// </summary>
/// <param name="seed">The seed.</param>
/// <param name="stream">
/// The stream of the seed. One for each purpose, so that more draws for one do not change the numbers of another.
/// </param>
internal sealed class SplitMix(ulong seed, ulong stream)
{
    private ulong state = Mix(seed) ^ Mix(~stream);
    private double? spare;

    /// <summary>Returns a uniform number in [0, 1) with 53 bits.</summary>
    public double NextUniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Returns a uniform integer from 0 to <paramref name="count"/> - 1.</summary>
    public int NextBelow(int count) => (int)(NextUniform() * count);

    /// <summary>Returns a normal number with mean 0 and standard deviation 1, by Box and Muller (1958).</summary>
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
