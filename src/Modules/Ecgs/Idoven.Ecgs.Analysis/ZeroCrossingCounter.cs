using System.Numerics;

namespace Idoven.Ecgs.Analysis;

/// <summary>Counts crossings of a level sample by sample: the result is the same however the signal is cut.</summary>
/// <param name="level">The level; zero for zero crossings. Samples are compared with it, never subtracted, so nothing overflows.</param>
public sealed class ZeroCrossingCounter(int level = 0)
{
    private const int Block = 32;

    private int lastSide;
    private bool isAtLevel;

    /// <summary>All crossings.</summary>
    public long Total => Rising + Falling;

    /// <summary>Crossings from below to above.</summary>
    public long Rising { get; private set; }

    /// <summary>Crossings from above to below.</summary>
    public long Falling { get; private set; }

    /// <summary>Maximal runs at the level between two samples on the same side.</summary>
    public long Touches { get; private set; }

    /// <summary>Samples at the level.</summary>
    public long LevelSamples { get; private set; }

    /// <summary>Takes the next samples.</summary>
    public void Add(ReadOnlySpan<int> samples)
    {
        while (!samples.IsEmpty)
        {
            // Where all lie on the side of the one before there is nothing to count.
            if (samples.Length >= Block && IsQuiet(samples[..Block]))
            {
                samples = samples[Block..];
                continue;
            }

            Count(samples[..Math.Min(Block, samples.Length)]);
            samples = samples[Math.Min(Block, samples.Length)..];
        }
    }

    private bool IsQuiet(ReadOnlySpan<int> samples)
    {
        var side = new Vector<int>(level);
        var isQuiet = lastSide != 0 && !isAtLevel;
        for (var k = 0; k < samples.Length && isQuiet; k += Vector<int>.Count)
        {
            var vector = new Vector<int>(samples[k..]);
            isQuiet = lastSide > 0 ? Vector.GreaterThanAll(vector, side) : Vector.LessThanAll(vector, side);
        }

        return isQuiet;
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
                // The first sample off the level crosses nothing.
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
