using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>A beat that a synthetic ECG really holds.</summary>
/// <param name="TimeSeconds">When the QRS complex's heart vector is longest, from the first sample.</param>
/// <param name="Sample">The sample nearest to it.</param>
/// <param name="Class">What it is.</param>
public sealed record SyntheticBeat(double TimeSeconds, int Sample, BeatClass Class);
