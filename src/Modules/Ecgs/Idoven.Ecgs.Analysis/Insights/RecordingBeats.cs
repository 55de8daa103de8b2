using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Morphology;
using Idoven.Ecgs.Analysis.Quality;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Insights;

/// <summary>What the leads of a recording say together; their samples are gone by then.</summary>
public sealed class RecordingBeats
{
    private readonly SharedResult<IReadOnlyList<Beat>?> fused;
    private readonly SharedResult<BeatClass[]?> classes;
    private readonly SharedResult<PossibleAtrialFibrillation?> atrialFibrillation;

    /// <param name="recording">What is known of the recording.</param>
    /// <param name="leads">The beats of each lead; null where they could not be looked for.</param>
    public RecordingBeats(RecordingInfo recording, IReadOnlyList<LeadAnalysis?> leads)
    {
        Recording = recording;
        var known = leads.OfType<LeadAnalysis>().ToList();
        fused = new(ct => known.Count == 0 ? null : FusedQrsDetector.Detect([.. known.Select(lead => lead.Detection)], Scale, ct));
        classes = new(ct => fused.Get(ct) is { } beats ? BeatClassifier.Classify(beats, [.. known.Select(lead => new BeatsWithMorphology(lead.Beats, lead.Morphologies))], Scale, Gaps!) : null);
        Scale = recording.SamplingFrequency ?? known.MaxBy(lead => lead.Beats.Sum(beat => beat.Score))?.Scale ?? 0;
        atrialFibrillation = new(ct => AtrialFibrillationInsight.Of(this, ct));
        IsPaced = known.Any(lead => lead.IsPaced);
        IsNoise = known.Count > 0 && MostAreNoise(known);
        Gaps = InAll(known, lead => lead.Gaps);
        Flutter = InAll(known, lead => lead.Flutter);
    }

    /// <summary>What is known of the recording.</summary>
    public RecordingInfo Recording { get; }

    /// <summary>The sampling frequency; where it is not known, the scale of the lead with the clearest beats.</summary>
    private double Scale { get; }

    /// <summary>The fused beats; null where there is no lead in which beats could be looked for.</summary>
    public IReadOnlyList<Beat>? Beats => FindBeats(CancellationToken.None);

    /// <summary>The class of each of them; null where there are none.</summary>
    public IReadOnlyList<BeatClass>? Classes => FindClasses(CancellationToken.None);

    /// <summary>The same as <see cref="Beats"/>, within a time.</summary>
    public IReadOnlyList<Beat>? FindBeats(CancellationToken ct) => fused.Get(ct);

    /// <summary>The same as <see cref="Classes"/>, within a time.</summary>
    public IReadOnlyList<BeatClass>? FindClasses(CancellationToken ct) => classes.Get(ct);

    /// <summary>The beats with their classes; null where there is no lead in which beats could be looked for.</summary>
    public IReadOnlyList<ClassifiedBeat>? FindClassified(CancellationToken ct) =>
        FindBeats(ct) is { } beats ? [.. beats.Zip(FindClasses(ct)!, (beat, kind) => new ClassifiedBeat(beat.Sample, kind))] : null;

    /// <summary>Where the beats follow each other as in atrial fibrillation; null where it cannot be told.</summary>
    public PossibleAtrialFibrillation? FindAtrialFibrillation(CancellationToken ct = default) => atrialFibrillation.Get(ct);

    /// <summary>The beats that follow each other without a gap between, from the first up to the last.</summary>
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

    /// <summary>Stretches in which no lead has beats to be found: no signal, or <see cref="Flutter"/>.</summary>
    public IReadOnlyList<SampleRange> Gaps { get; }

    /// <summary>Stretches in which every lead swings as in ventricular flutter or coarse fibrillation.</summary>
    public IReadOnlyList<SampleRange> Flutter { get; }

    /// <summary>Whether in most windows of ten seconds no lead is good or fair.</summary>
    public bool IsNoise { get; }

    /// <summary>Whether on some lead a pacemaker's spikes stand before the beats.</summary>
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

    private static IReadOnlyList<SampleRange> InAll(List<LeadAnalysis> leads, Func<LeadAnalysis, IReadOnlyList<SampleRange>> of) =>
        leads.Count == 0 ? [] : leads.Select(of).Aggregate(SampleRanges.Intersect);
}
