namespace Idoven.Ecgs.Analysis.Signal;

/// <summary>Represents a range of a recording, both ends included.</summary>
/// <param name="First">Index of its first sample.</param>
/// <param name="Last">Index of its last sample.</param>
public readonly record struct SampleRange(double First, double Last)
{
    /// <summary>Returns whether the range contains a position.</summary>
    public bool Contains(double position) => First <= position && position <= Last;
}
