using Idoven.Ecgs.Analysis.Beats;

namespace Idoven.Ecgs.Analysis.Synthetic;

/// <summary>
/// Represents the heart as a dipole that changes direction and length in time (Frank's axes in mV: x to the left, y to the feet, z to the
/// back). Each wave is a Gaussian in every axis, as in McSharry et al. for one lead and in Sameni et al. (2007, "Multichannel ECG and noise
/// modeling") for the dipole.
/// </summary>
/// <param name="options">Length and sampling frequency.</param>
internal sealed class HeartVector(SyntheticEcgOptions options)
{
    // Beyond 5 standard deviations a wave of 2 mV is below 0.01 uV.
    private const double Reach = 5;

    // Right atrium, then left atrium; the ectopic wave starts in the lower atrium.
    private static readonly Wave[] SinusP =
        [new(-0.170, 0.018, 0.030, 0.085, -0.045), new(-0.140, 0.020, 0.075, 0.070, 0.040)];

    private static readonly Wave[] EctopicP =
        [new(-0.140, 0.016, 0.045, -0.080, 0.020), new(-0.118, 0.016, 0.020, -0.070, 0.010)];

    // The septum to the right and front, the left ventricle to the left and down, the base to the back.
    private static readonly Wave[] NormalQrs =
        [new(-0.025, 0.0075, -0.160, 0.020, -0.220), new(0, 0.0105, 1.150, 0.700, 0.360), new(0.022, 0.0120, -0.240, -0.180, 0.480)];

    private static readonly Wave[] NormalT =
        [new(0.255, 0.048, 0.160, 0.110, -0.110), new(0.300, 0.028, 0.150, 0.100, -0.090)];

    // From the outflow tract of the right ventricle: slow, to the left, down and back, with a discordant T wave.
    private static readonly Wave[] VentricularQrs =
        [new(-0.022, 0.0200, 0.450, 0.600, 0.250), new(0.018, 0.0270, 0.750, 0.900, 1.000)];

    private static readonly Wave[] VentricularT =
        [new(0.270, 0.055, -0.280, -0.310, -0.330), new(0.325, 0.035, -0.150, -0.160, -0.170)];

    private static readonly double NormalPeak = Peak(NormalQrs);
    private static readonly double VentricularPeak = Peak(VentricularQrs);

    private readonly double frequency = options.SamplingFrequency;

    public double[] X { get; } = new double[options.Samples];

    public double[] Y { get; } = new double[options.Samples];

    public double[] Z { get; } = new double[options.Samples];

    /// <summary>
    /// Adds the waves of a rhythm. A QRS complex has the same width at every rate. The distance of P and T waves is proportional to the
    /// square root of the RR interval, as in ECGSYN. Deviation: McSharry et al. place the waves on the phase of the cycle, which would
    /// stretch a QRS complex in a pause.
    /// </summary>
    public void Add(Rhythm rhythm)
    {
        foreach (var p in rhythm.Atrial)
        {
            Add(p.Class == BeatClass.S ? EctopicP : SinusP, p.Time, Math.Sqrt(p.RrInterval));
        }

        foreach (var beat in rhythm.Ventricular)
        {
            var isVentricular = beat.Class == BeatClass.V;
            Add(isVentricular ? VentricularQrs : NormalQrs, beat.Time - (isVentricular ? VentricularPeak : NormalPeak), scale: 1);
            Add(isVentricular ? VentricularT : NormalT, beat.Time, Math.Sqrt(beat.RrInterval));
        }
    }

    private void Add(Wave[] waves, double time, double scale)
    {
        foreach (var wave in waves)
        {
            var centre = time + (wave.Centre * scale);
            var width = wave.Width * scale;
            var first = (int)Math.Max(0, Math.Ceiling((centre - (Reach * width)) * frequency));
            var last = (int)Math.Min(X.Length - 1, Math.Floor((centre + (Reach * width)) * frequency));
            for (var i = first; i <= last; i++)
            {
                var height = Gaussian((i / frequency) - centre, width);
                X[i] += wave.X * height;
                Y[i] += wave.Y * height;
                Z[i] += wave.Z * height;
            }
        }
    }

    /// <summary>Returns the time at which the vector is longest, to 0.1 ms.</summary>
    private static double Peak(Wave[] waves)
    {
        return Enumerable.Range(-1000, 2001).Select(step => step / 10_000.0).MaxBy(SquaredLength);

        double SquaredLength(double time)
        {
            double x = 0, y = 0, z = 0;
            foreach (var wave in waves)
            {
                var height = Gaussian(time - wave.Centre, wave.Width);
                x += wave.X * height;
                y += wave.Y * height;
                z += wave.Z * height;
            }

            return (x * x) + (y * y) + (z * z);
        }
    }

    private static double Gaussian(double distance, double width) => PortableMath.Exp(-(distance * distance) / (2 * width * width));

    /// <summary>A wave: centre in seconds from the beat, standard deviation in seconds, heights in mV.</summary>
    private readonly record struct Wave(double Centre, double Width, double X, double Y, double Z);
}
