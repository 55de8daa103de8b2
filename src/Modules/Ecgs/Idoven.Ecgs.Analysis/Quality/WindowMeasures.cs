namespace Idoven.Ecgs.Analysis.Quality;

/// <summary>What was measured of one lead in ten seconds. Ratios and shares: no unit of voltage.</summary>
/// <param name="Flat">Share of the window in which one value lasts 200 ms and longer.</param>
/// <param name="Saturated">Share of its samples that stand in rows on the lead's lowest or highest value.</param>
/// <param name="Beats">How many beats it has.</param>
/// <param name="Agreement">How far two detectors find the same beats: F1 (bSQI; Li, Mark and Clifford, 2008).</param>
/// <param name="Likeness">Mean correlation of its beats with those they look like (Orphanidou et al., 2015).</param>
/// <param name="Kurtosis">Of the signal from 2.5 to 35 Hz: high where narrow QRS complexes stand in a quiet line (Clifford et al., 2012).</param>
/// <param name="Noise">What is faster than an ECG, against the height of the beats.</param>
/// <param name="Wander">The baseline's standard deviation against the height of the beats.</param>
/// <param name="PowerLineHz">50 or 60 where a power line is heard; 0 elsewhere.</param>
/// <param name="PowerLine">Its amplitude against the height of the beats.</param>
internal readonly record struct WindowMeasures(
    float Flat, float Saturated, int Beats, float Agreement, float Likeness, float Kurtosis, float Noise, float Wander, float PowerLineHz, float PowerLine);
