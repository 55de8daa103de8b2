namespace Idoven.Ecgs.Analysis.Classes;

/// <summary>How a beat looks on one lead beside the form that prevails there. Logarithms of ratios, correlations and shares: no unit.</summary>
/// <param name="Unlikeness">1 less the correlation of the beats that look like it, averaged, with the prevailing form.</param>
/// <param name="Width">Their width against the prevailing form's.</param>
/// <param name="Slowness">How much slower it is: the slow band against the QRS band, less the same of the prevailing beats.</param>
/// <param name="Prematurity">Share of the beats that look like it which come early.</param>
/// <param name="Likeness">Its correlation with the beats that look like it.</param>
internal readonly record struct BeatForm(float Unlikeness, float Width, float Slowness, float Prematurity, float Likeness)
{
    /// <summary>The mean of those that are there; null where none is.</summary>
    public static BeatForm? Mean(ReadOnlySpan<BeatForm?> forms)
    {
        var (sum, count) = (default(BeatForm), 0);
        foreach (var one in forms)
        {
            if (one is not { } form)
            {
                continue;
            }

            sum = new BeatForm(sum.Unlikeness + form.Unlikeness, sum.Width + form.Width, sum.Slowness + form.Slowness, sum.Prematurity + form.Prematurity, sum.Likeness + form.Likeness);
            count++;
        }

        return count == 0 ? null : new BeatForm(sum.Unlikeness / count, sum.Width / count, sum.Slowness / count, sum.Prematurity / count, sum.Likeness / count);
    }
}
