namespace Idoven.Ecgs.Analysis.Accuracy;

/// <summary>A stretch of a recording, both ends included.</summary>
/// <param name="First">Index of its first sample.</param>
/// <param name="Last">Index of its last sample.</param>
public readonly record struct SampleRange(double First, double Last)
{
    /// <summary>Whether the position lies within.</summary>
    public bool Contains(double position) => First <= position && position <= Last;
}
