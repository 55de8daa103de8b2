namespace Idoven.Ecgs.Analysis.Quality;

/// <summary>
/// Represents the quality of one window: a weighted mean of the measures and the reasons for a low one (definition quality-1).
/// </summary>
/// <param name="Score">0 to 1.</param>
/// <param name="Class">By the score; unusable windows are so whatever their score.</param>
/// <param name="Reasons">What is worse than in a clean signal.</param>
internal readonly record struct WindowQuality(double Score, QualityClass Class, QualityReasons Reasons)
{
    private const double GoodFrom = 0.8;
    private const double FairFrom = 0.5;
    private const double MostFlat = 0.5;
    private const double MostSaturated = 0.3;

    public static WindowQuality Compute(WindowMeasures measures)
    {
        // Each from the value of an unusable to that of a clean signal. The noisy windows of the development records lie between them.
        var agreement = Share(measures.Agreement, 0.6, 0.95);
        var similarity = Share(measures.Similarity, 0.7, 0.92);
        var kurtosis = Share(measures.Kurtosis, 3, 6);
        var quiet = 1 - Share(measures.Noise, 0.06, 0.2);
        var level = 1 - Share(measures.Wander, 0.8, 2.5);
        var mean = (0.35 * agreement) + (0.35 * similarity) + (0.15 * kurtosis) + (0.1 * quiet) + (0.05 * level);
        var score = mean * (1 - measures.Flat);
        var reasons = (measures.Flat > 0.02 ? QualityReasons.Flat : 0)
            | (measures.Saturated > 0.01 ? QualityReasons.Saturated : 0)
            | (measures.Beats == 0 ? QualityReasons.NoBeats : 0)
            | (measures.Beats > 0 && agreement < 0.5 ? QualityReasons.DetectorsDisagree : 0)
            | (measures.Beats > 0 && similarity < 0.5 ? QualityReasons.BeatsUnlike : 0)
            | (quiet < 0.9 ? QualityReasons.Noise : 0)
            | (level < 0.9 ? QualityReasons.BaselineWander : 0)
            | (measures.PowerLine > 0.05 ? QualityReasons.PowerLine : 0);
        var isUnusable = measures.Flat > MostFlat || measures.Saturated > MostSaturated || measures.Beats == 0;
        var scoreClass = score >= GoodFrom ? QualityClass.Good : score >= FairFrom ? QualityClass.Fair : QualityClass.Poor;
        return new WindowQuality(score, isUnusable ? QualityClass.Unusable : scoreClass, reasons);
    }

    private static double Share(double value, double from, double to) => Math.Clamp((value - from) / (to - from), 0, 1);
}

/// <summary>Represents reasons for a low quality.</summary>
[Flags]
internal enum QualityReasons
{
    Flat = 1,
    Saturated = 2,
    NoBeats = 4,
    DetectorsDisagree = 8,
    BeatsUnlike = 16,
    Noise = 32,
    BaselineWander = 64,
    PowerLine = 128,
}
