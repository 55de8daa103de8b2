using System.Runtime.Intrinsics;

namespace Idoven.Ecgs.Analysis.Quality;

/// <summary>Computes the amplitudes of four frequencies of a signal by Goertzel's algorithm.</summary>
internal struct Goertzel
{
    private readonly Vector256<double> factors;
    private Vector256<double> last;
    private Vector256<double> before;

    private Goertzel(double samplingFrequency, double a, double b, double c, double d)
    {
        double Factor(double hz) => 2 * Math.Cos(2 * Math.PI * hz / samplingFrequency);
        factors = Vector256.Create(Factor(a), Factor(b), Factor(c), Factor(d));
    }

    /// <summary>Creates a pair for a frequency (three lanes; the fourth repeats the first) and for its neighbourhood.</summary>
    public static (Goertzel At, Goertzel Around) Create(float hz, double samplingFrequency) =>
        (new(samplingFrequency, hz, hz - 0.3, hz + 0.3, hz), new(samplingFrequency, hz - 4, hz + 4, hz - 2.5, hz + 2.5));

    /// <summary>Adds the next sample, in every lane.</summary>
    public void Add(Vector256<double> sample) => (before, last) = (last, sample + (factors * last) - before);

    /// <summary>Returns the amplitudes, for samples under a Hann window.</summary>
    public readonly Vector256<double> Amplitudes(int count) =>
        Vector256.Sqrt(Vector256.Max(Vector256<double>.Zero, (last * last) + (before * before) - (factors * last * before))) * 4 / count;
}
