namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>Represents a heart beat, marked at the main deflection of its QRS complex.</summary>
/// <param name="Sample">Position of the peak in samples from the start of the recording, with a fraction.</param>
/// <param name="Score">
/// Log-odds for a QRS complex from its features alone. They can be negative, since the timing among the other beats is added later.
/// </param>
public readonly record struct Beat(double Sample, double Score);
