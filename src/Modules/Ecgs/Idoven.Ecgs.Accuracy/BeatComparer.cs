using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Accuracy;

/// <summary>
/// Compares detected with reference beats, beat by beat, as required by ANSI/AAMI EC57 (2012) and implemented by WFDB's bxb: one to one,
/// each reference beat with the nearest detected beat in the match window. Beats in ventricular flutter or fibrillation are left out.
/// </summary>
public static class BeatComparer
{
    /// <summary>The match window of EC57 in ms.</summary>
    public const double WindowMs = 150;

    /// <summary>Compares detected with reference beats.</summary>
    /// <param name="reference">Positions of the reference beats in samples, ascending.</param>
    /// <param name="detected">Positions of the detected beats in samples, ascending; fractions allowed.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
    /// <param name="windowMs">The largest distance of a pair in ms.</param>
    /// <param name="startS">Beats before this time in seconds are not scored; the learning period of EC57 is 300 s.</param>
    /// <param name="excluded">Ranges whose reference and detected beats are not scored: from <c>[</c> to <c>]</c>.</param>
    public static BeatComparison Compare(
        IReadOnlyList<double> reference, IReadOnlyList<double> detected, double samplingFrequency,
        double windowMs = WindowMs, double startS = 0, IReadOnlyList<SampleRange>? excluded = null)
    {
        var window = windowMs * samplingFrequency / 1000;
        var start = startS * samplingFrequency;
        bool IsScored(double beat) => excluded is null || !excluded.Any(range => range.Contains(beat));
        List<double> Scored(IReadOnlyList<double> beats) => [.. beats.Where(IsScored)];
        var (expected, found) = (Scored(reference), Scored(detected));
        var partner = Pair(expected, found, window);

        // A pair across the start is scored by its reference beat, so the start itself causes no error.
        var isExtra = new bool[found.Count];
        Array.Fill(isExtra, true);
        int matched = 0, missed = 0;
        var errors = new List<double>();
        for (var i = 0; i < expected.Count; i++)
        {
            if (partner[i] is var k and >= 0)
            {
                isExtra[k] = false;
            }

            if (expected[i] < start)
            {
                continue;
            }

            if (partner[i] >= 0)
            {
                matched++;
                errors.Add(found[partner[i]] - expected[i]);
            }
            else
            {
                missed++;
            }
        }

        var extra = found.Where((beat, k) => isExtra[k] && beat >= start).Count();
        return new BeatComparison(matched, missed, extra, errors);
    }

    /// <summary>
    /// Returns for each reference beat the index of its detected beat, or -1. Pairs are in order of time; of two candidates, the nearer
    /// one is paired.
    /// </summary>
    private static int[] Pair(List<double> reference, List<double> detected, double window)
    {
        var partner = new int[reference.Count];
        Array.Fill(partner, -1);
        for (int i = 0, k = 0; i < reference.Count && k < detected.Count;)
        {
            var distance = Math.Abs(detected[k] - reference[i]);
            var isLate = detected[k] > reference[i];
            if (distance > window)
            {
                (i, k) = isLate ? (i + 1, k) : (i, k + 1);
            }
            else if (isLate && i + 1 < reference.Count && Math.Abs(reference[i + 1] - detected[k]) < distance)
            {
                i++;
            }
            else if (!isLate && k + 1 < detected.Count && Math.Abs(detected[k + 1] - reference[i]) < distance)
            {
                k++;
            }
            else
            {
                partner[i++] = k++;
            }
        }

        return partner;
    }
}
