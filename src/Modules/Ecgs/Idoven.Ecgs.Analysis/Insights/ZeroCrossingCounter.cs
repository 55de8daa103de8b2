using System.Numerics;
using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Counts crossings of a level sample by sample. The result does not depend on how the signal is divided into calls.</summary>
/// <param name="level">The level; zero for zero crossings. Samples are compared with it, never subtracted, so nothing overflows.</param>
public sealed class ZeroCrossingCounter(int level = 0)
{
    private const int Block = 32;

    private int lastSide;
    private bool isAtLevel;

    /// <summary>Gets the number of crossings.</summary>
    public long Total => Rising + Falling;

    /// <summary>Gets the number of crossings from below to above.</summary>
    public long Rising { get; private set; }

    /// <summary>Gets the number of crossings from above to below.</summary>
    public long Falling { get; private set; }

    /// <summary>Gets the number of maximal runs at the level between two samples on the same side.</summary>
    public long Touches { get; private set; }

    /// <summary>Gets the number of samples at the level.</summary>
    public long LevelSamples { get; private set; }

    /// <summary>Adds the next samples.</summary>
    public void Add(ReadOnlySpan<int> samples)
    {
        while (!samples.IsEmpty)
        {
            if (samples.Length >= Block && lastSide != 0 && !isAtLevel && TryCount(samples[..Block]))
            {
                samples = samples[Block..];
                continue;
            }

            Count(samples[..Math.Min(Block, samples.Length)]);
            samples = samples[Math.Min(Block, samples.Length)..];
        }
    }

    /// <summary>Counts in a block of 32 samples, one bit for each, unless one of them is at the level.</summary>
    private bool TryCount(ReadOnlySpan<int> samples)
    {
        uint above = 0, atLevel = 0;
        for (var k = 0; k < Block; k += Vector256<int>.Count)
        {
            var vector = Vector256.Create(samples[k..]);
            above |= Vector256.GreaterThan(vector, Vector256.Create(level)).ExtractMostSignificantBits() << k;
            atLevel |= Vector256.Equals(vector, Vector256.Create(level)).ExtractMostSignificantBits() << k;
        }

        if (atLevel != 0)
        {
            return false;
        }

        // Each bit is the side of the sample before.
        var before = (above << 1) | (lastSide > 0 ? 1u : 0);
        Rising += BitOperations.PopCount(above & ~before);
        Falling += BitOperations.PopCount(before & ~above);
        lastSide = above >> (Block - 1) != 0 ? 1 : -1;
        return true;
    }

    private void Count(ReadOnlySpan<int> samples)
    {
        foreach (var sample in samples)
        {
            if (sample == level)
            {
                LevelSamples++;
                isAtLevel = true;
                continue;
            }

            var side = sample > level ? 1 : -1;
            if (side != lastSide)
            {
                // The first sample that is not at the level is not a crossing.
                if (lastSide != 0)
                {
                    Rising += side > 0 ? 1 : 0;
                    Falling += side < 0 ? 1 : 0;
                }

                lastSide = side;
            }
            else if (isAtLevel)
            {
                Touches++;
            }

            isAtLevel = false;
        }
    }
}
