using System.Diagnostics;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Analysis.Signal;
using Idoven.Ecgs.Application.Signals;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Application.Processing;

internal sealed class ProcessEcgHandler(
    IEcgs ecgs,
    ISignals signals,
    AnalysisEngine engine,
    AnalysisSlots slots,
    IEcgsOutbox outbox,
    EventsOptions events,
    EcgMetrics metrics,
    TimeProvider clock)
{
    /// <summary>The maximum number of samples of several leads in memory at a time (4 MiB). A longer lead is in memory alone.</summary>
    private const int MaxBatchSamples = 1 << 20;

    private static readonly ActivitySource Spans = new("Idoven.Ecgs");

    /// <exception cref="InvalidDataException">The stored signal cannot be decoded.</exception>
    /// <exception cref="AnalysisOverrunException">An insight exceeded its time budget, and a later attempt may compute it.</exception>
    public Task Handle(Guid ecgId, CancellationToken ct) => Handle(ecgId, isAttemptCounted: false, ct);

    /// <param name="isAttemptCounted">Whether the attempts of the ECG already include this one.</param>
    /// <inheritdoc cref="Handle(Guid, CancellationToken)"/>
    public async Task Handle(Guid ecgId, bool isAttemptCounted, CancellationToken ct)
    {
        var found = await ecgs.Find(ecgId, ct);
        if (found is null || IsDone(found, await ecgs.FindStored(ecgId, AnalysisEngine.Version, ct)))
        {
            return;
        }

        InsightDocument document;
        try
        {
            // No transaction is open during the analysis.
            document = await Analyze(found, isLastAttempt: found.IsNextAttemptLast && !isAttemptCounted, ct);
        }
        catch (InvalidDataException)
        {
            // The signal may be incomplete because the ECG was deleted while it was read.
            if (await ecgs.Find(ecgId, ct) is null)
            {
                return;
            }

            throw;
        }

        var ecg = await ecgs.Lock(ecgId, ct);
        if (ecg is null)
        {
            // It was deleted meanwhile.
            return;
        }

        var stored = await ecgs.FindStored(ecgId, AnalysisEngine.Version, ct);
        if (IsDone(ecg, stored))
        {
            // Another delivery analysed it meanwhile.
            return;
        }

        var now = clock.GetUtcNow();
        ecg.MarkProcessed(now);
        if (stored == StoredInsights.None || !document.HasOverrun)
        {
            if (stored == StoredInsights.Incomplete)
            {
                await ecgs.RemoveInsights(ecg.Id, AnalysisEngine.Version, ct);
            }

            Add(ecg, document, now);
        }

        outbox.Add(
            new EcgProcessed(
                ecg.Id, ecg.OwnerId, ecg.Date, now, AnalysisEngine.Version, Summarize(document), $"/api/v1/ecgs/{ecg.Id}/insights"),
            ecg.Id);
        await ecgs.Save(ct);
        metrics.Processed(now - ecg.SubmittedAt);
    }

    /// <summary>Returns whether there is nothing to analyse. An incomplete set is computed again only if the ECG was requeued.</summary>
    private static bool IsDone(Ecg ecg, StoredInsights stored) =>
        stored == StoredInsights.Complete || (stored == StoredInsights.Incomplete && ecg.Status != EcgStatus.Queued);

    private static void ThrowIfOverrun(bool hasOverrun, bool isLastAttempt)
    {
        if (hasOverrun && !isLastAttempt)
        {
            throw new AnalysisOverrunException();
        }
    }

    /// <summary>Groups the leads that one query reads: several short ones or one long one.</summary>
    private static IEnumerable<List<Lead>> GroupIntoBatches(IEnumerable<Lead> leads)
    {
        var batch = new List<Lead>();
        var samples = 0L;
        foreach (var lead in leads)
        {
            if (batch.Count > 0 && samples + lead.Samples > MaxBatchSamples)
            {
                yield return batch;
                (batch, samples) = ([], 0);
            }

            batch.Add(lead);
            samples += lead.Samples;
        }

        yield return batch;
    }

    private void Add(Ecg ecg, InsightDocument document, DateTimeOffset now)
    {
        ecgs.Add(new InsightSet(ecg.Id, AnalysisEngine.Version, now, document.ToJson(), document.HasOverrun));
        foreach (var (lead, beats) in document.LeadBeats.Prepend(document.Beats).Index())
        {
            if (beats is not null)
            {
                ecgs.Add(new BeatList(ecg.Id, AnalysisEngine.Version, (short)(lead - 1), beats));
            }
        }
    }

    /// <exception cref="AnalysisOverrunException">An insight exceeded its time budget, and this is not the last attempt.</exception>
    private async Task<InsightDocument> Analyze(Ecg ecg, bool isLastAttempt, CancellationToken ct)
    {
        using var slot = await slots.Enter(ct);
        var start = clock.GetTimestamp();
        using var span = Spans.StartActivity("analyse");
        span?.SetTag("idoven.leads", ecg.Leads.Count);
        var recording = new RecordingInfo(ecg.SamplingFrequency, ecg.AdcZero);
        var leads = new List<LeadInsights>(ecg.Leads.Count);
        foreach (var batch in GroupIntoBatches(ecg.Leads.OrderBy(lead => lead.Number)))
        {
            var decoded = await signals.ReadLeads(ecg.Id, batch, ct);
            foreach (var (lead, samples) in batch.Zip(decoded))
            {
                leads.Add(engine.Analyze(new LeadSignal(lead.Name, samples, recording), ct));
                ThrowIfOverrun(leads[^1].HasOverrun, isLastAttempt);
            }
        }

        var document = engine.Conclude(recording, leads, ct);
        ThrowIfOverrun(document.HasOverrun, isLastAttempt);
        metrics.Rate.Record(leads.Sum(lead => (long)lead.Samples), clock.GetElapsedTime(start));
        return document;
    }

    private List<EcgProcessedLead>? Summarize(InsightDocument document) => events.Summary
        ? [.. document.Leads.Select(lead => new EcgProcessedLead(lead.Name, lead.Samples, lead.Get<ZeroCrossings>()?.Total))]
        : null;
}

/// <summary>An insight exceeded its time budget.</summary>
internal sealed class AnalysisOverrunException() : Exception("An insight exceeded its time budget.");
