namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>A heart beat, marked at the main deflection of its QRS complex.</summary>
/// <param name="Sample">The peak's position in samples from the start of the recording, with its fraction.</param>
/// <param name="Score">Log-odds for a QRS complex against anything else, from what was found on its own; a beat may have a negative one where its time speaks for it.</param>
public readonly record struct Beat(double Sample, double Score);
