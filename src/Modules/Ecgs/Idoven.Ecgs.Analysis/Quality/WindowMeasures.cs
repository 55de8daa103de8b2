namespace Idoven.Ecgs.Analysis.Quality;

/// <summary>
/// Represents the quality measures of one lead in a window of ten seconds, as ratios and shares without a unit of voltage.
/// </summary>
/// <param name="Flat">Share of the window in which one value lasts 200 ms or longer.</param>
/// <param name="Saturated">Share of its samples in runs of the lead's lowest or highest value.</param>
/// <param name="Beats">Number of beats.</param>
/// <param name="Agreement">Agreement of two detectors as F1 (bSQI; Li, Mark and Clifford, 2008).</param>
/// <param name="Similarity">Mean correlation of the beats with the mean beat of their group (Orphanidou et al., 2015).</param>
/// <param name="Kurtosis">Kurtosis from 2.5 to 35 Hz: high for narrow QRS complexes on a quiet baseline (Clifford et al., 2012).</param>
/// <param name="Noise">High-frequency noise as a ratio to the height of the beats.</param>
/// <param name="Wander">Standard deviation of the baseline as a ratio to the height of the beats.</param>
/// <param name="PowerLineHz">50 or 60 if there is power line interference; else 0.</param>
/// <param name="PowerLine">Its amplitude as a ratio to the height of the beats.</param>
internal readonly record struct WindowMeasures(
    float Flat, float Saturated, int Beats, float Agreement, float Similarity, float Kurtosis, float Noise, float Wander,
    float PowerLineHz, float PowerLine);
