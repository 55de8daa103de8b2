using System.Runtime.InteropServices;
using Idoven.Ecgs.Analysis.Accuracy;
using Idoven.Ecgs.Analysis.Classes;
using Idoven.Ecgs.Analysis.Quality;
using Idoven.Ecgs.Analysis.Rhythm;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Finds the QRS complexes of one lead, whatever its polarity, gain and offset: no constant has a unit of voltage. The method is told
/// in <see cref="CandidateFinder"/> (what may be a beat), <see cref="BeatSelector"/> (what is one) and <see cref="PeakRefiner"/> (where
/// it is). The lead is worked on in stretches of ten minutes with half a minute on each side, so beside the samples
/// and the result the memory is that of one stretch.
/// </summary>
public static class QrsDetector
{
    /// <summary>The name under which results say how they were found.</summary>
    public const string Name = "qrs-path-1";

    /// <summary>The lowest sampling frequency (Hz) at which a QRS complex still has a shape.</summary>
    public const double LowestSamplingFrequency = 100;

    private const double StretchS = 600;
    private const double OverlapS = 30;
    private const double HopelessBelow = -6;
    private const double GapS = 1;

    /// <summary>Finds them.</summary>
    /// <param name="samples">The lead, in any unit.</param>
    /// <param name="samplingFrequency">Samples a second, <see cref="LowestSamplingFrequency"/> or more.</param>
    /// <param name="ct">Ends it, at the latest after a part of a stretch.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sampling frequency is too low.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static LeadBeats Detect(ReadOnlyMemory<int> samples, double samplingFrequency, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samplingFrequency, LowestSamplingFrequency);
        var signal = new BridgedSignal(samples, samplingFrequency);
        var finder = new CandidateFinder(signal, samplingFrequency);
        var selector = new BeatSelector(finder.Rate, finder.ShapeLength, finder.Lag);
        var refiner = new PeakRefiner(signal, samplingFrequency, finder.Decimation, finder.Rate);
        var formFinder = new FormFinder(finder.Rate);
        var meter = new QualityMeter(samples, signal, samplingFrequency, finder.Rate, finder.Decimation);
        var beats = new BlockList<Beat>();
        var forms = new BlockList<BeatForm>();
        var candidates = new BlockList<Beat>();
        var selected = new List<Candidate>();
        var flutter = new List<(int First, int Last)>();
        var stretch = (int)(QualityMeter.WindowS * finder.Rate) * (int)(StretchS / QualityMeter.WindowS);
        var overlap = (int)(OverlapS * finder.Rate);
        for (var start = 0; start < finder.Count; start += stretch)
        {
            ct.ThrowIfCancellationRequested();
            var found = finder.Find(Math.Max(0, start - overlap), Math.Min(finder.Count, start + stretch + overlap));
            selector.Select(found, ct);
            selected.Clear();
            foreach (var candidate in found)
            {
                if (candidate.IsBeat)
                {
                    selected.Add(candidate);
                }
            }

            var selectedForms = formFinder.Find(CollectionsMarshal.AsSpan(selected), finder);
            meter.Measure(start, Math.Min(finder.Count, start + stretch), finder, found, selectedForms);
            var next = 0;
            flutter.AddRange(finder.Flutter.Where(window => window.First >= start - overlap && window.First < start + stretch));
            foreach (var candidate in found)
            {
                next += candidate.IsBeat ? 1 : 0;
                if (candidate.Index < start || candidate.Index >= start + stretch || (!candidate.IsBeat && candidate.Score < HopelessBelow))
                {
                    continue;
                }

                var beat = new Beat(refiner.Refine(candidate), candidate.Score);
                candidates.Add(beat);

                // Two stretches may each have found one half of a beat on their border.
                if (candidate.IsBeat && (beats.Count == 0 || beat.Sample - beats[^1].Sample >= BeatPath.RefractoryS * samplingFrequency / 2))
                {
                    beats.Add(beat);
                    forms.Add(selectedForms[next - 1]);
                }
            }
        }

        var silent = SampleRanges.Merge(flutter.Select(window => new SampleRange((double)window.First * finder.Decimation, ((window.Last + 1.0) * finder.Decimation) - 1)));
        if (silent.Count > 0)
        {
            forms.Keep(i => !SampleRanges.Contains(silent, beats[i].Sample));
            beats.Keep(i => !SampleRanges.Contains(silent, beats[i].Sample));
            candidates.Keep(i => !SampleRanges.Contains(silent, candidates[i].Sample));
        }

        var gaps = signal.Runs.Where(run => run.Last - run.First + 1 >= GapS * samplingFrequency).Select(run => new SampleRange(run.First, run.Last));
        return new LeadBeats(beats, forms, candidates, SampleRanges.Merge(gaps.Concat(silent)), silent, meter.Measured)
        {
            Scale = samplingFrequency,
            IsPaced = PacingSpikes.Precede(samples.Span, beats, samplingFrequency),
        };
    }
}
