using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>Finds the QRS complexes of one lead.</summary>
public static class QrsDetector
{
    /// <summary>The lowest sampling frequency at which a QRS complex still has a shape.</summary>
    public const double LowestSamplingFrequency = 100;

    private const double StretchS = 600;
    private const double OverlapS = 30;

    /// <summary>The beats of one lead.</summary>
    public static IReadOnlyList<Beat> Detect(ReadOnlyMemory<int> samples, double samplingFrequency)
    {
        var signal = new BridgedSignal(samples, samplingFrequency);
        var finder = new CandidateFinder(signal, samplingFrequency);
        var refiner = new PeakRefiner(signal, samplingFrequency, finder.Decimation, finder.Rate);
        var selector = new BeatSelector(finder.Rate, finder.Lag);
        var beats = new List<Beat>();
        var stretch = (int)(StretchS * finder.Rate);
        var overlap = (int)(OverlapS * finder.Rate);
        for (var start = 0; start < finder.Count; start += stretch)
        {
            var candidates = finder.Find(Math.Max(0, start - overlap), Math.Min(finder.Count, start + stretch + overlap));
            selector.Select(candidates);
            foreach (var candidate in candidates)
            {
                if (candidate.IsBeat && candidate.Index >= start && candidate.Index < start + stretch)
                {
                    beats.Add(new Beat(refiner.Refine(candidate), candidate.Score));
                }
            }
        }

        return beats;
    }
}
