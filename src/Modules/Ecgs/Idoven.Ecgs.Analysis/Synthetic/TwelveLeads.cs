namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>Derives the twelve standard leads from a heart vector.</summary>
internal static class TwelveLeads
{
    /// <summary>
    /// The leads that an electrocardiograph measures, as weights of Frank's x, y and z: the matrix of Dower, Machado and Osborne (1980, "On
    /// deriving the electrocardiogram from vectorcardiographic leads").
    /// </summary>
    public static readonly (string Name, double X, double Y, double Z)[] Measured =
    [
        ("I", 0.632, -0.235, 0.059),
        ("II", 0.235, 1.066, -0.132),
        ("V1", -0.515, 0.157, -0.917),
        ("V2", 0.044, 0.164, -1.387),
        ("V3", 0.882, 0.098, -1.277),
        ("V4", 1.213, 0.127, -0.601),
        ("V5", 1.125, 0.127, -0.086),
        ("V6", 0.831, 0.076, 0.230),
    ];

    /// <summary>The names in the usual order.</summary>
    public static readonly string[] Names = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];

    /// <summary>Returns the function that computes a lead from I and II; null for a measured lead.</summary>
    public static Func<int, int, double>? Derivation(string name) => name switch
    {
        "III" => (i, ii) => ii - i,
        "aVR" => (i, ii) => -(i + ii) / 2.0,
        "aVL" => (i, ii) => i - (ii / 2.0),
        "aVF" => (i, ii) => ii - (i / 2.0),
        _ => null,
    };
}
