using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Accuracy;

/// <summary>
/// Compares the classes of detected and reference beats, as ANSI/AAMI EC57 (2012) does for ventricular and supraventricular ectopic beats:
/// for beats that both have, except fusion, paced and unclassifiable beats.
/// </summary>
public static class ClassComparer
{
    /// <summary>Compares the beats of one class.</summary>
    /// <param name="reference">Positions and classes of the reference beats, ascending; a class of null is not scored.</param>
    /// <param name="detected">Positions and classes of the detected beats, ascending.</param>
    /// <param name="kind">The class.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
    /// <param name="excluded">Ranges whose beats are not scored.</param>
    public static ClassComparison Compare(
        IReadOnlyList<(double Sample, BeatClass? Class)> reference, IReadOnlyList<(double Sample, BeatClass Class)> detected,
        BeatClass kind, double samplingFrequency, IReadOnlyList<SampleRange>? excluded = null)
    {
        var reach = BeatComparer.WindowMs * samplingFrequency / 1000;
        var (right, missed, wrong, r) = (0, 0, 0, 0);
        for (var i = 0; i < detected.Count && reference.Count > 0; i++)
        {
            double Distance(int at) => Math.Abs(reference[at].Sample - detected[i].Sample);
            while (r + 1 < reference.Count && Distance(r + 1) <= Distance(r))
            {
                r++;
            }

            var isExcluded = excluded?.Any(range => range.Contains(detected[i].Sample)) ?? false;
            if (isExcluded || Distance(r) > reach || reference[r].Class is not { } known)
            {
                continue;
            }

            right += detected[i].Class == kind && known == kind ? 1 : 0;
            missed += detected[i].Class != kind && known == kind ? 1 : 0;
            wrong += detected[i].Class == kind && known != kind ? 1 : 0;
        }

        return new ClassComparison(right, missed, wrong);
    }
}

/// <summary>Represents the comparison of the beats of one class.</summary>
/// <param name="Right">Number of beats of the class that were classified so.</param>
/// <param name="Missed">Number of beats of the class that were classified otherwise.</param>
/// <param name="Wrong">Number of beats of other classes that were classified so.</param>
public sealed record ClassComparison(int Right, int Missed, int Wrong)
{
    /// <summary>Gets the sensitivity; NaN if the reference has no beat of the class.</summary>
    public double Sensitivity => (double)Right / (Right + Missed);

    /// <summary>Gets the positive predictivity; NaN if no beat was classified so.</summary>
    public double PositivePredictivity => (double)Right / (Right + Wrong);

    /// <summary>Returns the sum over records: the gross result.</summary>
    public static ClassComparison Sum(IReadOnlyCollection<ClassComparison> records) =>
        new(records.Sum(record => record.Right), records.Sum(record => record.Missed), records.Sum(record => record.Wrong));
}
