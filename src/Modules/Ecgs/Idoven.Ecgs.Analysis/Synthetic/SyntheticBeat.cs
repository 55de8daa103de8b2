namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>What a beat is, by the classes of ANSI/AAMI EC57.</summary>
public enum BeatClass
{
    /// <summary>Normal: from the sinus node.</summary>
    N,

    /// <summary>Supraventricular ectopic: early, from elsewhere in the atria, with a normal QRS complex.</summary>
    S,

    /// <summary>Ventricular ectopic: early, wide, without a P wave of its own.</summary>
    V,
}

/// <summary>A beat that a synthetic ECG really holds.</summary>
/// <param name="TimeSeconds">When the QRS complex's heart vector is longest, from the first sample.</param>
/// <param name="Sample">The sample nearest to it.</param>
/// <param name="Class">What it is.</param>
public sealed record SyntheticBeat(double TimeSeconds, int Sample, BeatClass Class);
