namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>A moment at which there may be a beat.</summary>
internal class Moment
{
    /// <summary>Its position, in samples of the decimated signal from the start of the recording.</summary>
    public int Index { get; set; }

    /// <summary>Log-odds for a QRS complex.</summary>
    public double Score { get; set; }

    /// <summary>Whether it is taken for a beat at present.</summary>
    public bool IsBeat { get; set; }
}

/// <summary>
/// A peak of the QRS envelope: a QRS complex, or something else. Sizes are logarithms: only their differences are used. One serves one
/// stretch after the other.
/// </summary>
internal sealed class Candidate(Shape shape) : Moment
{
    /// <summary>The envelope of the QRS band.</summary>
    public double Energy { get; set; }

    /// <summary>The envelope of the band above, where QRS complexes rise over P waves, T waves and slower disturbances.</summary>
    public double Sharp { get; set; }

    /// <summary>The envelope of the band below, where P and T waves live.</summary>
    public double Slow { get; set; }

    /// <summary>Peak to peak of <see cref="Shape"/>.</summary>
    public double Amplitude { get; set; }

    /// <summary>Whether the first guess took it for a beat: a detector of its own, by height and distance alone.</summary>
    public bool IsGuessed { get; set; }

    /// <summary>What it looks like.</summary>
    public Shape Shape { get; } = shape;
}
