namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Detects the QRS complexes of one lead, independent of polarity, gain and offset: no constant has a unit of voltage. The method is
/// described at <see cref="CandidateFinder"/> (which peaks may be beats), <see cref="BeatSelector"/> (which of them are) and
/// <see cref="PeakRefiner"/> (where their marks are placed).
/// </summary>
public static class QrsDetector
{
    /// <summary>The name of the method in insight documents.</summary>
    public const string Name = "qrs-path-1";

    /// <summary>The lowest sampling frequency (Hz) at which the waveform of a QRS complex can be recognised.</summary>
    public const double LowestSamplingFrequency = 100;

    /// <summary>Detects the beats of a lead.</summary>
    /// <param name="samples">The lead, in any unit.</param>
    /// <param name="samplingFrequency">Samples per second (Hz), <see cref="LowestSamplingFrequency"/> or more.</param>
    /// <param name="ct">Checked several times for each stretch of ten minutes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sampling frequency is too low.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static DetectedBeats Detect(ReadOnlyMemory<int> samples, double samplingFrequency, CancellationToken ct = default)
    {
        var detector = new StretchDetector(samples, samplingFrequency);
        while (detector.MoveNext(ct))
        {
        }

        return detector.Complete(detector.MergeFlutter());
    }
}
