namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>Represents a beat with its class.</summary>
/// <param name="Sample">Position in samples from the start of the recording, with a fraction.</param>
/// <param name="Class">The probable class.</param>
public readonly record struct ClassifiedBeat(double Sample, BeatClass Class);
