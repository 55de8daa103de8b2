using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Leads;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>
/// Computes every insight of a recording, lead by lead, so that the caller holds one lead at a time. Not a medical device: results
/// are measurements with stated definitions.
/// </summary>
/// <param name="insights">What is computed for each lead; <see cref="Insights"/> unless given.</param>
/// <param name="budget">How long each may take; <see cref="TimeBudget.Default"/> unless given.</param>
public sealed class AnalysisEngine(IReadOnlyList<ILeadInsight>? insights = null, TimeBudget? budget = null)
{
    /// <summary>Version of this code and its definitions; every insight document carries it.</summary>
    public const string Version = "1.3.1";

    private readonly IReadOnlyList<ILeadInsight> insights = insights ?? Insights;
    private readonly TimeBudget budget = budget ?? TimeBudget.Default;

    /// <summary>How long each insight may take.</summary>
    public TimeBudget Budget => budget;

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
    public static IReadOnlyList<string> Definitions { get; } = ["zc-strict-1", "stat-1", "beats-1", "scale-1", "quality-1", "classes-1", "rhythm-2", "ectopy-1", "af-rr-1", "nn-rr30-1", "hrv-tf96-1"];

    /// <summary>
    /// Computes every insight of one lead. One that throws or exceeds its time budget marks itself as not computed and leaves the others
    /// alone; <see cref="LeadInsights.HasOverrun"/> tells the latter.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    public LeadInsights Analyze(LeadSignal lead, CancellationToken ct = default)
    {
        var run = new Run(lead.Name, budget, lead.Samples.Length, ct);
        foreach (var insight in insights)
        {
            run.Add(insight.Name, time => insight.Compute(lead, time));
        }

        var beats = run.OrNull(lead.Analyze);
        return new LeadInsights(lead.Name, lead.Samples.Length, run.Values, run.Missing) { Measures = beats, HasOverrun = run.HasOverrun };
    }

    /// <summary>Computes every insight of all leads together, from what <see cref="Analyze"/> gave for each, and closes the document.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static InsightDocument Conclude(RecordingInfo recording, IReadOnlyList<LeadInsights> leads, CancellationToken ct = default) =>
        Conclude(recording, leads, TimeBudget.Default, ct);

    /// <summary>The same, with a time for each insight.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static InsightDocument Conclude(RecordingInfo recording, IReadOnlyList<LeadInsights> leads, TimeBudget budget, CancellationToken ct = default)
    {
        var beats = new RecordingBeats(recording, [.. leads.Select(lead => lead.Measures)]);
        var run = new Run(lead: null, budget, leads.Sum(lead => (long)lead.Samples), ct);
        foreach (var insight in RecordingInsights)
        {
            run.Add(insight.Name, time => insight.Compute(beats, time));
        }

        return new InsightDocument(recording, leads, run.Values, run.Missing)
        {
            Beats = run.OrNull(beats.FindClassified),
            LeadBeats = [.. leads.Select(lead => lead.Measures is { } own ? run.OrNull(new RecordingBeats(recording, [own]).FindClassified) : null)],
            HasOverrun = run.HasOverrun || leads.Any(lead => lead.HasOverrun),
        };
    }

    /// <summary>Computes insights one after the other, each within its time.</summary>
    private sealed class Run(string? lead, TimeBudget budget, long samples, CancellationToken ct)
    {
        public Dictionary<string, object> Values { get; } = [];

        public List<NotComputed> Missing { get; } = [];

        /// <summary>Whether something used up its time.</summary>
        public bool HasOverrun { get; private set; }

        public void Add(string name, Func<CancellationToken, object> compute)
        {
            if (Try(compute, out var value) is { } reason)
            {
                Missing.Add(new NotComputed(name, lead, reason));
            }
            else
            {
                Values.Add(name, value!);
            }
        }

        /// <summary>What an insight found, if it did: why not stands in the document already.</summary>
        public T? OrNull<T>(Func<CancellationToken, T?> find)
            where T : class => Try(find, out var found) is null ? found : null;

        /// <summary>Why it could not be computed; null where it was.</summary>
        private string? Try<T>(Func<CancellationToken, T> compute, out T? value)
        {
            value = default;
            ct.ThrowIfCancellationRequested();
            var limit = budget.For(samples);
            using var deadline = new Deadline(limit, budget);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
            try
            {
                value = compute(either.Token);
                return null;
            }
            catch (InsightNotComputedException e)
            {
                return e.Message;
            }
            catch (OperationCanceledException) when (deadline.IsPassed && !ct.IsCancellationRequested)
            {
                HasOverrun = true;
                return FormattableString.Invariant($"It took longer than {limit.TotalSeconds:0.###} s.");
            }
            catch (Exception e) when (e is not OutOfMemoryException && !(e is OperationCanceledException && ct.IsCancellationRequested))
            {
                return $"error: {e.GetType().Name}";
            }
        }
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
    /// <summary>Whether an insight used up its time, so that another attempt may find more.</summary>
    public bool HasOverrun { get; init; }

    /// <summary>Gets the measures of the lead, for the insights of all leads together.</summary>
    internal LeadAnalysis? Measures { get; init; }

    /// <summary>The insight of this kind; null where it was not computed.</summary>
    public T? Get<T>()
        where T : class => Values.Values.OfType<T>().FirstOrDefault();
}
