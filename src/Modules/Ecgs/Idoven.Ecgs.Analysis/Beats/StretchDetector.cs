using System.Runtime.InteropServices;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Beats;

/// <summary>
/// Detects the beats of one lead in stretches of ten minutes with an overlap of half a minute on each side. Beside the samples and the
/// result, only one stretch is in memory; what else is measured of a lead reads the stretch while it is.
/// </summary>
internal sealed class StretchDetector
{
    /// <summary>A stretch is a whole number of windows of this length in seconds.</summary>
    public const double WindowS = 10;

    private const double StretchS = 600;
    private const double OverlapS = 30;
    private const double NegligibleBelow = -6;
    private const double GapS = 1;

    private readonly double samplingFrequency;
    private readonly BeatSelector selector;
    private readonly PeakRefiner refiner;
    private readonly int length;
    private readonly int overlap;
    private readonly BlockList<Beat> beats = new();
    private readonly BlockList<Beat> candidates = new();
    private readonly List<Candidate> selected = [];
    private readonly List<int> added = [];
    private readonly List<(int First, int Last)> flutter = [];

    /// <summary>Creates a detector before the first stretch.</summary>
    /// <param name="samples">The lead, in any unit.</param>
    /// <param name="samplingFrequency">Samples per second (Hz).</param>
    /// <exception cref="ArgumentOutOfRangeException">The sampling frequency is too low.</exception>
    public StretchDetector(ReadOnlyMemory<int> samples, double samplingFrequency)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samplingFrequency, QrsDetector.LowestSamplingFrequency);
        this.samplingFrequency = samplingFrequency;
        Signal = new BridgedSignal(samples, samplingFrequency);
        Finder = new CandidateFinder(Signal, samplingFrequency);
        selector = new BeatSelector(Finder.Rate, Finder.WaveformLength, Finder.Lag);
        refiner = new PeakRefiner(Signal, samplingFrequency, Finder.Decimation, Finder.Rate);
        length = (int)(WindowS * Finder.Rate) * (int)(StretchS / WindowS);
        overlap = (int)(OverlapS * Finder.Rate);
        Start = -length;
    }

    /// <summary>Gets the lead.</summary>
    public BridgedSignal Signal { get; }

    /// <summary>Gets the finder, which holds the filtered signal and the candidates of the current stretch and its overlaps.</summary>
    public CandidateFinder Finder { get; }

    /// <summary>Gets the first sample of the current stretch without its overlap, in samples of the decimated signal.</summary>
    public int Start { get; private set; }

    /// <summary>Gets the end of the current stretch without its overlap, exclusive, in samples of the decimated signal.</summary>
    public int End => Math.Min(Finder.Count, Start + length);

    /// <summary>Gets the candidates that were selected as beats in the current stretch and its overlaps.</summary>
    public ReadOnlySpan<Candidate> Selected => CollectionsMarshal.AsSpan(selected);

    /// <summary>Gets the beats so far.</summary>
    public IReadOnlyList<Beat> Beats => beats;

    /// <summary>Gets the indices in <see cref="Selected"/> of the beats that the current stretch added to <see cref="Beats"/>.</summary>
    public IReadOnlyList<int> Added => added;

    /// <summary>Detects the beats of the next stretch.</summary>
    /// <returns>False if there is none.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public bool MoveNext(CancellationToken ct)
    {
        Start += length;
        if (Start >= Finder.Count)
        {
            return false;
        }

        ct.ThrowIfCancellationRequested();
        var found = Finder.Find(Math.Max(0, Start - overlap), Math.Min(Finder.Count, Start + length + overlap));
        selector.Select(found, ct);
        selected.Clear();
        added.Clear();
        flutter.AddRange(Finder.Flutter.Where(window => window.First >= Start - overlap && window.First < Start + length));
        foreach (var candidate in found)
        {
            if (candidate.IsBeat)
            {
                selected.Add(candidate);
            }

            var isOutside = candidate.Index < Start || candidate.Index >= Start + length;
            if (!isOutside && (candidate.IsBeat || !(candidate.Score < NegligibleBelow)))
            {
                Add(candidate);
            }
        }

        return true;
    }

    /// <summary>Returns the ranges with flutter, in samples of the lead. Call it after the last stretch.</summary>
    public IReadOnlyList<SampleRange> MergeFlutter() => SampleRanges.Merge(flutter.Select(window =>
        new SampleRange((double)window.First * Finder.Decimation, ((window.Last + 1.0) * Finder.Decimation) - 1)));

    /// <summary>Removes the beats in flutter and returns the rest. Call it after the last stretch.</summary>
    /// <param name="flutterRanges">The result of <see cref="MergeFlutter"/>.</param>
    public DetectedBeats Complete(IReadOnlyList<SampleRange> flutterRanges)
    {
        if (flutterRanges.Count > 0)
        {
            beats.Keep(i => !SampleRanges.Contains(flutterRanges, beats[i].Sample));
            candidates.Keep(i => !SampleRanges.Contains(flutterRanges, candidates[i].Sample));
        }

        var gaps = Signal.Runs
            .Where(run => run.Last - run.First + 1 >= GapS * samplingFrequency)
            .Select(run => new SampleRange(run.First, run.Last));
        return new DetectedBeats(beats, candidates, SampleRanges.Merge(gaps.Concat(flutterRanges)), flutterRanges);
    }

    private void Add(Candidate candidate)
    {
        var beat = new Beat(refiner.Refine(candidate), candidate.Score);
        candidates.Add(beat);

        // Two stretches can each find one half of a beat at their border.
        var isSame = beats.Count > 0 && beat.Sample - beats[^1].Sample < BeatPath.RefractoryS * samplingFrequency / 2;
        if (candidate.IsBeat && !isSame)
        {
            beats.Add(beat);
            added.Add(selected.Count - 1);
        }
    }
}
