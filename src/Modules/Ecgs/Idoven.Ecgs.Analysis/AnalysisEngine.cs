using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;

namespace Idoven.Ecgs.Analysis;

/// <summary>
/// Computes every insight of a recording, lead by lead, so that the caller holds one lead at a time. Not a medical device: results
/// are measurements with stated definitions.
/// </summary>
/// <param name="insights">What is computed for each lead; <see cref="Insights"/> unless given.</param>
public sealed class AnalysisEngine(IReadOnlyList<ILeadInsight>? insights = null)
{
    /// <summary>Version of this code and its definitions; every insight document carries it.</summary>
    public const string Version = "1.2.0";

    private readonly IReadOnlyList<ILeadInsight> insights = insights ?? Insights;

    /// <summary>Every insight. A new one is one class and one line here.</summary>
    public static IReadOnlyList<ILeadInsight> Insights { get; } =
    [
        new ZeroCrossingsInsight(),
        new SampleStatisticsInsight(),
        new LeadBeatsInsight(),
        new QualityInsight(),
    ];

    /// <summary>Every insight of all leads together.</summary>
    public static IReadOnlyList<IRecordingInsight> RecordingInsights { get; } =
    [
        new FusedBeatsInsight(),
        new RhythmInsight(),
        new EctopyInsight(),
        new AtrialFibrillationInsight(),
        new HrvInsight(),
    ];

    /// <summary>The definitions in force, by name; docs/insights.md spells them out.</summary>
    public static IReadOnlyList<string> Definitions { get; } = ["zc-strict-1", "stat-1", "beats-1", "quality-1", "classes-1", "rhythm-2", "ectopy-1", "af-rr-1", "nn-rr30-1", "hrv-tf96-1"];

    /// <summary>Computes every insight of one lead. One that throws marks itself as not computed and leaves the others alone.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled between two insights.</exception>
    public LeadInsights Analyze(LeadSignal lead, CancellationToken ct = default)
    {
        var (values, missing) = Run(insights.Select(insight => (insight.Name, (Func<object>)(() => insight.Compute(lead)))), lead.Name, ct);
        return new LeadInsights(lead.Name, lead.Samples.Length, values, missing) { Beats = Beats(lead) };
    }

    /// <summary>Computes every insight of all leads together, from what <see cref="Analyze"/> gave for each, and closes the document.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled between two insights.</exception>
    public static InsightDocument Conclude(RecordingInfo recording, IReadOnlyList<LeadInsights> leads, CancellationToken ct = default)
    {
        var beats = new RecordingBeats(recording, [.. leads.Select(lead => lead.Beats)]);
        var (values, missing) = Run(RecordingInsights.Select(insight => (insight.Name, (Func<object>)(() => insight.Compute(beats)))), lead: null, ct);
        return new InsightDocument(recording, leads, values, missing)
        {
            Beats = beats.Classified,
            LeadBeats = [.. leads.Select(lead => lead.Beats is { } own ? RecordingBeats.Of(recording, own).Classified : null)],
        };
    }

    /// <summary>What the detector threw stands in the document already, as the reason of the insight that asked first.</summary>
    private static LeadBeats? Beats(LeadSignal lead)
    {
        try
        {
            return lead.Beats;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return null;
        }
    }

    private static (Dictionary<string, object> Values, List<NotComputed> Missing) Run(
        IEnumerable<(string Name, Func<object> Compute)> insights, string? lead, CancellationToken ct)
    {
        var values = new Dictionary<string, object>();
        var missing = new List<NotComputed>();
        foreach (var (name, compute) in insights)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                values.Add(name, compute());
            }
            catch (InsightNotComputedException e)
            {
                missing.Add(new NotComputed(name, lead, e.Message));
            }
            catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
            {
                missing.Add(new NotComputed(name, lead, $"error: {e.GetType().Name}"));
            }
        }

        return (values, missing);
    }
}

/// <summary>An insight that is absent from the document, and why.</summary>
/// <param name="Insight">Its name.</param>
/// <param name="Lead">The lead; null for one of the whole recording.</param>
/// <param name="Reason">In words, or <c>error: &lt;kind&gt;</c>.</param>
public sealed record NotComputed(string Insight, string? Lead, string Reason);

/// <summary>The insights of one lead, by name.</summary>
/// <param name="Name">The lead's name as sent.</param>
/// <param name="Samples">How many samples it has.</param>
/// <param name="Values">Each insight's record under its name, in the order of the engine's list.</param>
/// <param name="NotComputed">What could not be computed.</param>
public sealed record LeadInsights(string Name, int Samples, IReadOnlyDictionary<string, object> Values, IReadOnlyList<NotComputed> NotComputed)
{
    /// <summary>The lead's beats, for the insights of all leads together.</summary>
    internal LeadBeats? Beats { get; init; }

    /// <summary>The insight of this kind; null where it was not computed.</summary>
    public T? Get<T>()
        where T : class => Values.Values.OfType<T>().FirstOrDefault();
}
