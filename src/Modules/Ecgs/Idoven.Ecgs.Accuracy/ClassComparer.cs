using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Accuracy;

/// <summary>
/// Compares the classes of detected beats with the reference's, as ANSI/AAMI EC57 (2012) does for ventricular and supraventricular
/// ectopic beats: of beats that both have, fusion, paced and unclassifiable ones left out.
/// </summary>
public static class ClassComparer
{
    /// <param name="reference">Positions and classes of the reference beats, ascending; a class of null is not scored.</param>
    /// <param name="detected">Positions and classes of the detected beats, ascending.</param>
    /// <param name="kind">The class that is asked for.</param>
    /// <param name="samplingFrequency">Samples a second.</param>
    /// <param name="excluded">Stretches whose beats are not scored.</param>
    public static ClassComparison Compare(
        IReadOnlyList<(double Sample, BeatClass? Class)> reference, IReadOnlyList<(double Sample, BeatClass Class)> detected, BeatClass kind,
        double samplingFrequency, IReadOnlyList<SampleRange>? excluded = null)
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

            if (Distance(r) > reach || reference[r].Class is not { } known || (excluded?.Any(range => range.Contains(detected[i].Sample)) ?? false))
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

/// <summary>How the beats of one class compare.</summary>
/// <param name="Right">Beats of the class that were called so.</param>
/// <param name="Missed">Beats of the class that were called otherwise.</param>
/// <param name="Wrong">Beats of another class that were called so.</param>
public sealed record ClassComparison(int Right, int Missed, int Wrong)
{
    /// <summary>NaN where the reference has no beat of the class.</summary>
    public double Sensitivity => (double)Right / (Right + Missed);

    /// <summary>NaN where no beat was called so.</summary>
    public double PositivePredictivity => (double)Right / (Right + Wrong);

    /// <summary>The sum over records: the gross result.</summary>
    public static ClassComparison Sum(IReadOnlyCollection<ClassComparison> records) =>
        new(records.Sum(record => record.Right), records.Sum(record => record.Missed), records.Sum(record => record.Wrong));
}
