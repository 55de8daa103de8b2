namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>A beat and its class.</summary>
/// <param name="Sample">Its position in samples from the start of the recording, with its fraction.</param>
/// <param name="Class">Where it may have begun.</param>
public readonly record struct ClassifiedBeat(double Sample, BeatClass Class);
