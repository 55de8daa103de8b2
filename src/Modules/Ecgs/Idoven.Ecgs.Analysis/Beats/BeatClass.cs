namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>Represents the origin of a beat by the classes of ANSI/AAMI EC57.</summary>
public enum BeatClass
{
    /// <summary>Normal: not one of the others.</summary>
    N,

    /// <summary>Supraventricular ectopic: premature, from the atria or the junction, with a normal QRS complex.</summary>
    S,

    /// <summary>Ventricular ectopic: with a different, mostly wider QRS complex, and mostly premature.</summary>
    V,
}
