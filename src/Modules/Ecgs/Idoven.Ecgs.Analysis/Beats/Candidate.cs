namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>A moment at which there may be a beat.</summary>
internal class Moment
{
    /// <summary>Its position, in samples of the decimated signal from the start of the recording.</summary>
    public required int Index { get; init; }

    /// <summary>Log-odds for a QRS complex.</summary>
    public double Score { get; set; }

    /// <summary>Whether it is taken for a beat at present.</summary>
    public bool IsBeat { get; set; }
}

/// <summary>A peak of the QRS envelope: a QRS complex, or something else. Sizes are logarithms: only their differences are used.</summary>
internal sealed class Candidate : Moment
{
    /// <summary>The envelope of the QRS band.</summary>
    public required double Energy { get; init; }

    /// <summary>The envelope of the band above, where QRS complexes rise over P waves, T waves and slower disturbances.</summary>
    public required double Sharp { get; init; }

    /// <summary>The envelope of the band below, where P and T waves live.</summary>
    public required double Slow { get; init; }

    /// <summary>Peak to peak of <see cref="Shape"/>.</summary>
    public required double Amplitude { get; init; }

    /// <summary>Whether the first guess took it for a beat: a detector of its own, by height and distance alone.</summary>
    public bool IsGuessed { get; set; }

    /// <summary>What it looks like.</summary>
    public required Shape Shape { get; init; }
}
