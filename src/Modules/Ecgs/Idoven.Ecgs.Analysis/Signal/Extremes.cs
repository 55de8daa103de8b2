using System.Numerics;

namespace Idoven.Ecgs.Analysis.Signal;

/// <summary>Finds the smallest and the largest sample.</summary>
internal static class Extremes
{
    /// <summary>Returns the smallest and the largest of one or more samples.</summary>
    public static (int Minimum, int Maximum) Find(ReadOnlySpan<int> samples)
    {
        var (minimum, maximum) = (samples[0], samples[0]);
        var (low, high) = (new Vector<int>(minimum), new Vector<int>(maximum));
        for (; samples.Length >= Vector<int>.Count; samples = samples[Vector<int>.Count..])
        {
            var vector = new Vector<int>(samples);
            (low, high) = (Vector.Min(low, vector), Vector.Max(high, vector));
        }

        for (var k = 0; k < Vector<int>.Count; k++)
        {
            (minimum, maximum) = (Math.Min(minimum, low[k]), Math.Max(maximum, high[k]));
        }

        foreach (var sample in samples)
        {
            (minimum, maximum) = (Math.Min(minimum, sample), Math.Max(maximum, sample));
        }

        return (minimum, maximum);
    }
}
