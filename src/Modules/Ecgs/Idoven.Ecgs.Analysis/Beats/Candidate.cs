namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>A peak of the QRS envelope: a QRS complex, or something else.</summary>
internal sealed class Candidate(int index, double energy, double amplitude, double slow, float[] shape)
{
    /// <summary>Its position, in samples of the decimated signal from the start of the recording.</summary>
    public int Index { get; } = index;

    /// <summary>The envelope there.</summary>
    public double Energy { get; } = energy;

    /// <summary>Peak to peak of the wider band around it.</summary>
    public double Amplitude { get; } = amplitude;

    /// <summary>The envelope of the slow band, where P and T waves live.</summary>
    public double Slow { get; } = slow;

    /// <summary>The wider band around it.</summary>
    public float[] Shape { get; } = shape;

    /// <summary>Whether it is taken for a beat at present.</summary>
    public bool IsBeat { get; set; }

    /// <summary>Log-odds for a QRS complex by its features.</summary>
    public double Score { get; set; }
}
