namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>Represents a point in time at which there may be a beat.</summary>
internal class BeatCandidate
{
    /// <summary>Gets or sets the position, in samples of the decimated signal from the start of the recording.</summary>
    public int Index { get; set; }

    /// <summary>Gets or sets the log-odds for a QRS complex.</summary>
    public double Score { get; set; }

    /// <summary>Gets or sets whether the candidate is currently selected as a beat.</summary>
    public bool IsBeat { get; set; }
}

/// <summary>
/// Represents a peak of the QRS envelope: a QRS complex, or something else. Sizes are logarithms; only their differences are used.
/// Instances are reused from stretch to stretch.
/// </summary>
internal sealed class Candidate(Waveform waveform) : BeatCandidate
{
    /// <summary>Gets or sets the logarithm of the envelope of the QRS band (10 to 30 Hz).</summary>
    public double Energy { get; set; }

    /// <summary>
    /// Gets or sets the logarithm of the envelope from 18 to 40 Hz, where QRS complexes exceed P waves, T waves and slower noise.
    /// </summary>
    public double Sharp { get; set; }

    /// <summary>Gets or sets the logarithm of the envelope from 3 to 10 Hz, the band of P and T waves.</summary>
    public double Slow { get; set; }

    /// <summary>Gets or sets the logarithm of the peak-to-peak amplitude of <see cref="Waveform"/>.</summary>
    public double Amplitude { get; set; }

    /// <summary>
    /// Gets or sets whether the initial selection, which uses height and distance alone, took the candidate for a beat. It serves as a
    /// second detector when signal quality is measured.
    /// </summary>
    public bool IsInitialBeat { get; set; }

    /// <summary>Gets the signal from 2.5 to 35 Hz around the peak.</summary>
    public Waveform Waveform { get; } = waveform;
}
