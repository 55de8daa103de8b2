namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>Where a beat began, by the classes of ANSI/AAMI EC57.</summary>
public enum BeatClass
{
    /// <summary>Normal: neither of the others.</summary>
    N,

    /// <summary>Supraventricular ectopic: early, from elsewhere in the atria or the junction, with a QRS complex like the others.</summary>
    S,

    /// <summary>Ventricular ectopic: it looks different, mostly wider, and mostly comes early.</summary>
    V,
}
