using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Morphology;
using Idoven.Ecgs.Analysis.Quality;
using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Leads;

/// <summary>Measures one lead: beats, their morphology, signal quality and pacing, in one pass over its stretches.</summary>
public static class LeadAnalyzer
{
    /// <summary>Analyses a lead.</summary>
    /// <inheritdoc cref="QrsDetector.Detect"/>
    public static LeadAnalysis Analyze(ReadOnlyMemory<int> samples, double samplingFrequency, CancellationToken ct = default)
    {
        var detector = new StretchDetector(samples, samplingFrequency);
        var finder = detector.Finder;
        var morphologyFinder = new MorphologyFinder(finder.Rate);
        var meter = new QualityMeter(samples, detector.Signal, samplingFrequency, finder.Rate, finder.Decimation);
        var morphologies = new BlockList<BeatMorphology>();
        while (detector.MoveNext(ct))
        {
            var found = morphologyFinder.Find(detector.Selected, finder);
            meter.Measure(detector.Start, detector.End, finder, found);
            foreach (var index in detector.Added)
            {
                morphologies.Add(found[index]);
            }
        }

        var flutter = detector.MergeFlutter();
        if (flutter.Count > 0)
        {
            morphologies.Keep(i => !SampleRanges.Contains(flutter, detector.Beats[i].Sample));
        }

        var detection = detector.Complete(flutter);
        return new LeadAnalysis(detection, morphologies, meter.Measured)
        {
            Scale = samplingFrequency,
            IsPaced = PacingSpikes.Precede(samples.Span, detection.Beats, samplingFrequency),
        };
    }
}
