using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Rhythm;

namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>One activation of atria or ventricles.</summary>
/// <param name="Time">When, in seconds: for the atria, when their QRS complex follows or would follow.</param>
/// <param name="Class">Where it comes from.</param>
/// <param name="RrInterval">The sinus node's interval at the time, in seconds.</param>
internal sealed record Activation(double Time, BeatClass Class, double RrInterval);

/// <summary>When atria and ventricles are activated, from a beat before the first sample to a beat after the last.</summary>
internal sealed class Rhythm
{
    private const double LowFrequency = 0.1;
    private const double RespiratoryFrequency = 0.25;
    private const double EarliestEctopic = 0.55;
    private const double LatestEctopic = 0.7;
    private const int FirstEctopicSlot = 2;

    private readonly SyntheticEcgOptions options;
    private readonly double mean;
    private readonly List<Activation> atrial = [];
    private readonly List<Activation> ventricular = [];

    /// <exception cref="ArgumentException">The recording is too short for so many ectopic beats.</exception>
    public Rhythm(SyntheticEcgOptions options)
    {
        this.options = options;
        mean = 60 / options.HeartRate;
        var ectopics = Ectopics();
        var prematurity = new SplitMix(options.Seed, stream: 2);

        var last = -mean / 2;
        ventricular.Add(new Activation(last, BeatClass.N, mean));
        foreach (var (slot, rr) in Intervals().Index())
        {
            var due = last + rr;
            var beat = ectopics.GetValueOrDefault(slot, BeatClass.N);
            var time = beat == BeatClass.N ? due : last + (rr * (EarliestEctopic + ((LatestEctopic - EarliestEctopic) * prematurity.NextUniform())));
            ventricular.Add(new Activation(time, beat, rr));

            // A PVC leaves the sinus node alone: its P wave comes when due and is not conducted, so the pause compensates. A PAC resets it.
            last = beat == BeatClass.S ? time : due;
            atrial.Add(new Activation(last, beat == BeatClass.S ? BeatClass.S : BeatClass.N, rr));
            if (last > options.DurationSeconds + mean)
            {
                return;
            }
        }
    }

    /// <summary>The P waves.</summary>
    public IReadOnlyList<Activation> Atrial => atrial;

    /// <summary>The QRS complexes, each with the T wave that follows.</summary>
    public IReadOnlyList<Activation> Ventricular => ventricular;

    /// <summary>
    /// The sinus node's RR intervals, without end. As in McSharry et al. they vary with a low (0.1 Hz) and a respiratory (0.25 Hz) part;
    /// here these are two sinusoids of random phase and, with a white rest, hold 30, 50 and 20 % of the variance.
    /// </summary>
    private IEnumerable<double> Intervals()
    {
        var random = new SplitMix(options.Seed, stream: 0);
        double low = random.NextUniform(), respiratory = random.NextUniform();
        for (var nominal = 0.0; ; nominal += mean)
        {
            var deviation = (Math.Sqrt(2 * 0.3) * PortableMath.SinOfTurns((LowFrequency * nominal) + low))
                + (Math.Sqrt(2 * 0.5) * PortableMath.SinOfTurns((RespiratoryFrequency * nominal) + respiratory))
                + (Math.Sqrt(0.2) * random.NextNormal());
            yield return mean * Math.Max(0.3, 1 + (options.RrVariability * deviation));
        }
    }

    /// <summary>Which beats of the sinus rhythm are ectopic: spread over the recording, never two in a row, none at its ends.</summary>
    private Dictionary<int, BeatClass> Ectopics()
    {
        List<BeatClass> classes =
        [
            .. Enumerable.Repeat(BeatClass.V, options.VentricularEctopics),
            .. Enumerable.Repeat(BeatClass.S, options.SupraventricularEctopics),
        ];
        var slots = Math.Max(0, SinusBeats() - 1 - FirstEctopicSlot);
        if (2L * classes.Count > slots)
        {
            throw new ArgumentException($"{classes.Count} ectopic beats do not fit: {options.DurationSeconds} s hold at most {slots / 2}.");
        }

        var random = new SplitMix(options.Seed, stream: 1);
        var chosen = new Dictionary<int, BeatClass>();
        for (var i = 0; i < classes.Count; i++)
        {
            // One in each of as many equal stretches, and never the last of a stretch.
            var from = (int)((long)slots * i / classes.Count);
            var to = (int)((long)slots * (i + 1) / classes.Count);
            var other = i + random.NextBelow(classes.Count - i);
            (classes[i], classes[other]) = (classes[other], classes[i]);
            chosen.Add(FirstEctopicSlot + from + random.NextBelow(to - from - 1), classes[i]);
        }

        return chosen;
    }

    private int SinusBeats()
    {
        var time = -mean / 2;
        return Intervals().TakeWhile(rr => (time += rr) < options.DurationSeconds).Count();
    }
}
