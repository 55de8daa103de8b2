using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;

namespace Idoven.Ecgs.Analysis.Engine;

/// <summary>
/// Computes all insights of a recording, lead by lead, so that the caller holds one lead at a time. Not a medical device: results are
/// measurements with stated definitions.
/// </summary>
/// <param name="catalog">The insights to compute; null for <see cref="InsightCatalog.Default"/>.</param>
/// <param name="budget">The time that each insight may take; null for <see cref="TimeBudget.Default"/>.</param>
public sealed class AnalysisEngine(InsightCatalog? catalog = null, TimeBudget? budget = null)
{
    /// <summary>The version of this code and its definitions. Every insight document has it.</summary>
    public const string Version = "1.3.1";

    private readonly InsightCatalog catalog = catalog ?? InsightCatalog.Default;
    private readonly TimeBudget budget = budget ?? TimeBudget.Default;

    /// <summary>
    /// Computes all insights of one lead. An insight that throws or exceeds its time budget is listed as not computed and does not affect
    /// the others; <see cref="LeadInsights.HasOverrun"/> reports the latter.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller's token was cancelled.</exception>
    public LeadInsights Analyze(LeadSignal lead, CancellationToken ct = default)
    {
        var run = new Run(lead.Name, budget, lead.Samples.Length, ct);
        foreach (var insight in catalog.LeadInsights)
        {
            run.Add(insight.Name, time => insight.Compute(lead, time));
        }

        var measures = run.OrNull(lead.Analyze);
        return new LeadInsights(lead.Name, lead.Samples.Length, run.Values, run.Missing)
        {
            Measures = measures,
            HasOverrun = run.HasOverrun,
        };
    }

    /// <summary>
    /// Computes the insights of all leads together from the results of <see cref="Analyze"/>, and completes the document.
    /// </summary>
    /// <param name="recording">The properties of the recording.</param>
    /// <param name="leads">The results for each lead, in the order of the upload.</param>
    /// <param name="ct">Cancels the computation.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public InsightDocument Conclude(RecordingInfo recording, IReadOnlyList<LeadInsights> leads, CancellationToken ct = default)
    {
        var beats = new RecordingBeats(recording, [.. leads.Select(lead => lead.Measures)]);
        var run = new Run(lead: null, budget, leads.Sum(lead => (long)lead.Samples), ct);
        foreach (var insight in catalog.RecordingInsights)
        {
            run.Add(insight.Name, time => insight.Compute(beats, time));
        }

        IReadOnlyList<ClassifiedBeat>? BeatsOf(LeadInsights lead) =>
            lead.Measures is { } own ? run.OrNull(new RecordingBeats(recording, [own]).FindClassified) : null;
        return new InsightDocument(recording, leads, run.Values, run.Missing)
        {
            Definitions = catalog.Definitions,
            Beats = run.OrNull(beats.FindClassified),
            LeadBeats = [.. leads.Select(BeatsOf)],
            HasOverrun = run.HasOverrun || leads.Any(lead => lead.HasOverrun),
        };
    }

    /// <summary>Computes insights one after the other, each within its time budget.</summary>
    private sealed class Run(string? lead, TimeBudget budget, long samples, CancellationToken ct)
    {
        public Dictionary<string, object> Values { get; } = [];

        public List<NotComputed> Missing { get; } = [];

        public bool HasOverrun { get; private set; }

        public void Add(string name, Func<CancellationToken, object> compute)
        {
            if (FindFailure(compute, out var value) is { } reason)
            {
                Missing.Add(new NotComputed(name, lead, reason));
            }
            else
            {
                Values.Add(name, value!);
            }
        }

        /// <summary>Returns a result that insights share; null if it failed, since the document already has the reason.</summary>
        public T? OrNull<T>(Func<CancellationToken, T?> find)
            where T : class => FindFailure(find, out var found) is null ? found : null;

        /// <summary>Runs a computation.</summary>
        /// <returns>The reason why it failed; null if it succeeded.</returns>
        private string? FindFailure<T>(Func<CancellationToken, T> compute, out T? value)
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
