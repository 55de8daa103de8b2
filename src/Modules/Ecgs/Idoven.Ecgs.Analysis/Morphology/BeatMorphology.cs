namespace Idoven.Ecgs.Analysis.Morphology;

/// <summary>
/// Represents the morphology of a beat on one lead compared with the dominant morphology of the lead. All values are logarithms of
/// ratios, correlations or shares, without a unit.
/// </summary>
/// <param name="Dissimilarity">1 - correlation of the mean beat of its group with the dominant one.</param>
/// <param name="Width">Logarithm of the width of its group's mean beat by that of the dominant one.</param>
/// <param name="Slowness">Logarithm of the slow band by the QRS band, minus the median of the dominant beats.</param>
/// <param name="Prematurity">Share of premature beats in its group.</param>
/// <param name="Similarity">Its correlation with the mean beat of its group.</param>
internal readonly record struct BeatMorphology(float Dissimilarity, float Width, float Slowness, float Prematurity, float Similarity)
{
    /// <summary>Returns the mean of those that are not null; null if there are none.</summary>
    public static BeatMorphology? Mean(ReadOnlySpan<BeatMorphology?> morphologies)
    {
        var (sum, count) = (default(BeatMorphology), 0);
        foreach (var item in morphologies)
        {
            if (item is not { } one)
            {
                continue;
            }

            sum = new BeatMorphology(
                sum.Dissimilarity + one.Dissimilarity, sum.Width + one.Width, sum.Slowness + one.Slowness,
                sum.Prematurity + one.Prematurity, sum.Similarity + one.Similarity);
            count++;
        }

        return count == 0
            ? null
            : new BeatMorphology(
                sum.Dissimilarity / count, sum.Width / count, sum.Slowness / count, sum.Prematurity / count, sum.Similarity / count);
    }
}
