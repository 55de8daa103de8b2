using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Rhythm;

namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>Represents one activation of the atria or the ventricles.</summary>
/// <param name="Time">The time in seconds; for the atria, that of the QRS complex that follows or would follow.</param>
/// <param name="Class">The class of its origin.</param>
/// <param name="RrInterval">The interval of the sinus node at that time, in seconds.</param>
internal sealed record Activation(double Time, BeatClass Class, double RrInterval);

/// <summary>Generates the activations of atria and ventricles, from one beat before the first sample to one beat after the last.</summary>
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
            var share = beat == BeatClass.N ? 1 : EarliestEctopic + ((LatestEctopic - EarliestEctopic) * prematurity.NextUniform());
            var time = beat == BeatClass.N ? due : last + (rr * share);
            ventricular.Add(new Activation(time, beat, rr));

            // A PVC does not affect the sinus node: the next P wave is on time but not conducted, so the pause compensates. A PAC
            // resets it.
            last = beat == BeatClass.S ? time : due;
            atrial.Add(new Activation(last, beat == BeatClass.S ? BeatClass.S : BeatClass.N, rr));
            if (last > options.DurationSeconds + mean)
            {
                return;
            }
        }
    }

    /// <summary>Gets the P waves.</summary>
    public IReadOnlyList<Activation> Atrial => atrial;

    /// <summary>Gets the QRS complexes, each with the T wave that follows.</summary>
    public IReadOnlyList<Activation> Ventricular => ventricular;

    /// <summary>
    /// Enumerates the RR intervals of the sinus node, without end. As in McSharry et al. they vary with a low (0.1 Hz) and a respiratory
    /// (0.25 Hz) frequency. Deviation: these are two sinusoids of random phase, which have 30 and 50 % of the variance; 20 % are white.
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

    /// <summary>Selects the beats that are ectopic: spread over the recording, never two in succession, none at its ends.</summary>
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
            // One in each of as many equal ranges, and never the last beat of a range.
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
