using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Morphology;
using Idoven.Ecgs.Analysis.Quality;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>Represents the measures of all leads of a recording, without samples: the input of recording insights.</summary>
public sealed class RecordingBeats
{
    private readonly SharedResult<IReadOnlyList<Beat>?> fused;
    private readonly SharedResult<BeatClass[]?> classes;
    private readonly SharedResult<PossibleAtrialFibrillation?> atrialFibrillation;

    /// <summary>Creates the input of recording insights.</summary>
    /// <param name="recording">The properties of the recording.</param>
    /// <param name="leads">The measures of each lead; null if its beats could not be detected.</param>
    public RecordingBeats(RecordingInfo recording, IReadOnlyList<LeadAnalysis?> leads)
    {
        Recording = recording;
        var known = leads.OfType<LeadAnalysis>().ToList();
        fused = new(ct => known.Count == 0 ? null : FusedQrsDetector.Detect([.. known.Select(lead => lead.Detection)], Scale, ct));
        var morphologies = known.Select(lead => new BeatsWithMorphology(lead.Beats, lead.Morphologies)).ToList();
        classes = new(ct => fused.Get(ct) is { } beats ? BeatClassifier.Classify(beats, morphologies, Scale, Gaps!) : null);
        Scale = recording.SamplingFrequency ?? known.MaxBy(lead => lead.Beats.Sum(beat => beat.Score))?.Scale ?? 0;
        atrialFibrillation = new(ct => AtrialFibrillationInsight.Find(this, ct));
        IsPaced = known.Any(lead => lead.IsPaced);
        IsNoise = known.Count > 0 && MostAreNoise(known);
        Gaps = Intersect(known, lead => lead.Gaps);
        Flutter = Intersect(known, lead => lead.Flutter);
    }

    /// <summary>Gets the properties of the recording.</summary>
    public RecordingInfo Recording { get; }

    /// <summary>Gets the sampling frequency; if unknown, the estimate of the lead with the highest log-odds.</summary>
    private double Scale { get; }

    /// <summary>Gets the fused beats; null if beats could not be detected on any lead.</summary>
    public IReadOnlyList<Beat>? Beats => FindBeats(CancellationToken.None);

    /// <summary>Gets the class of each fused beat; null if <see cref="Beats"/> is null.</summary>
    public IReadOnlyList<BeatClass>? Classes => FindClasses(CancellationToken.None);

    /// <inheritdoc cref="Beats"/>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IReadOnlyList<Beat>? FindBeats(CancellationToken ct) => fused.Get(ct);

    /// <inheritdoc cref="Classes"/>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IReadOnlyList<BeatClass>? FindClasses(CancellationToken ct) => classes.Get(ct);

    /// <summary>Returns the fused beats with their classes; null if beats could not be detected on any lead.</summary>
    public IReadOnlyList<ClassifiedBeat>? FindClassified(CancellationToken ct) =>
        FindBeats(ct) is { } beats ? [.. beats.Zip(FindClasses(ct)!, (beat, kind) => new ClassifiedBeat(beat.Sample, kind))] : null;

    /// <summary>Returns the episodes of possible atrial fibrillation; null if that cannot be determined.</summary>
    public PossibleAtrialFibrillation? FindAtrialFibrillation(CancellationToken ct = default) => atrialFibrillation.Get(ct);

    /// <summary>
    /// Enumerates the segments of successive beats without a gap, as indices of the first beat and of the end (exclusive).
    /// </summary>
    public IEnumerable<(int First, int End)> Segments
    {
        get
        {
            var beats = Beats ?? [];
            var walk = new GapWalk(Gaps);
            var first = 0;
            for (var i = 1; i <= beats.Count; i++)
            {
                if (i == beats.Count || walk.HasGap(beats[i - 1].Sample, beats[i].Sample))
                {
                    yield return (first, i);
                    first = i;
                }
            }
        }
    }

    /// <summary>Gets the ranges without detectable beats on any lead: no signal, or <see cref="Flutter"/>.</summary>
    public IReadOnlyList<SampleRange> Gaps { get; }

    /// <summary>Gets the ranges in which all leads have ventricular flutter or coarse fibrillation.</summary>
    public IReadOnlyList<SampleRange> Flutter { get; }

    /// <summary>Gets whether most windows of ten seconds have no lead that is good or fair.</summary>
    public bool IsNoise { get; }

    /// <summary>Gets whether pacing spikes precede the beats on some lead.</summary>
    public bool IsPaced { get; }

    private static bool MostAreNoise(List<LeadAnalysis> leads)
    {
        var best = new QualityClass[leads.Max(lead => lead.Windows.Count)];
        foreach (var lead in leads)
        {
            for (var i = 0; i < lead.Windows.Count; i++)
            {
                best[i] = (QualityClass)Math.Max((int)best[i], (int)WindowQuality.Compute(lead.Windows[i]).Class);
            }
        }

        return 2 * best.Count(window => window < QualityClass.Fair) > best.Length;
    }

    private static IReadOnlyList<SampleRange> Intersect(
        List<LeadAnalysis> leads, Func<LeadAnalysis, IReadOnlyList<SampleRange>> ranges) =>
        leads.Count == 0 ? [] : leads.Select(ranges).Aggregate(SampleRanges.Intersect);
}
