using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>Represents a beat of a synthetic ECG.</summary>
/// <param name="TimeSeconds">The time at which the heart vector of the QRS complex is longest, in seconds from the first sample.</param>
/// <param name="Sample">The nearest sample.</param>
/// <param name="Class">The class.</param>
public sealed record SyntheticBeat(double TimeSeconds, int Sample, BeatClass Class);
