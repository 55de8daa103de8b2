using System.Diagnostics;
using Idoven.Ecgs.Analysis;
using Idoven.Ecgs.Analysis.Insights;
using Idoven.Ecgs.Contracts;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Ecgs.Application;

internal sealed class ProcessEcgHandler(
    IEcgs ecgs, ISignals signals, AnalysisEngine engine, [FromKeyedServices(EcgsModule.Name)] IOutbox outbox, EventsOptions events, EcgMetrics metrics, TimeProvider clock)
{
    private static readonly ActivitySource Spans = new("Idoven.Ecgs");

    /// <exception cref="InvalidDataException">The stored signal cannot be decoded.</exception>
    public async Task Handle(Guid ecgId, CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        var found = await ecgs.Find(ecgId, ct);
        if (found is null || await ecgs.HasInsights(ecgId, AnalysisEngine.Version, ct))
        {
            return;
        }

        InsightDocument document;
        try
        {
            // No transaction is open while it computes.
            document = await Analyze(found, ct);
        }
        catch (InvalidDataException)
        {
            // Deleted while it was read: what is missing is nobody's fault.
            if (await ecgs.Find(ecgId, ct) is null)
            {
                return;
            }

            throw;
        }

        var ecg = await ecgs.Lock(ecgId, ct);
        if (ecg is null || await ecgs.HasInsights(ecgId, AnalysisEngine.Version, ct))
        {
            // Deleted, or done by another, in the meantime.
            return;
        }

        var now = clock.GetUtcNow();
        ecg.Processed(now);
        ecgs.Add(new InsightSet(ecg.Id, AnalysisEngine.Version, now, document.ToJson()));
        foreach (var (lead, beats) in document.LeadBeats.Prepend(document.Beats).Index())
        {
            if (beats is not null)
            {
                ecgs.Add(new BeatList(ecg.Id, AnalysisEngine.Version, (short)(lead - 1), BeatCodec.Encode(beats)));
            }
        }

        outbox.Add(
            new EcgProcessed(ecg.Id, ecg.OwnerId, ecg.Date, now, AnalysisEngine.Version, Summary(document), $"/api/v1/ecgs/{ecg.Id}/insights"),
            ecg.Id);
        await ecgs.Save(ct);
        metrics.Processed(now - ecg.SubmittedAt, found.Leads.Sum(lead => (long)lead.Samples), clock.GetElapsedTime(start));
    }

    private async Task<InsightDocument> Analyze(Ecg ecg, CancellationToken ct)
    {
        using var span = Spans.StartActivity("analyse");
        span?.SetTag("idoven.leads", ecg.Leads.Count);
        var recording = new RecordingInfo(ecg.SamplingFrequency, ecg.AdcZero);
        var leads = new List<LeadInsights>(ecg.Leads.Count);
        foreach (var lead in ecg.Leads.OrderBy(lead => lead.Number))
        {
            var samples = await signals.ReadLead(ecg.Id, lead.Number, lead.Samples, ct);
            leads.Add(engine.Analyze(new LeadSignal(lead.Name, samples, recording), ct));
        }

        return AnalysisEngine.Conclude(recording, leads, ct);
    }

    private List<EcgProcessedLead>? Summary(InsightDocument document) => events.Summary
        ? [.. document.Leads.Select(lead => new EcgProcessedLead(lead.Name, lead.Samples, lead.Get<ZeroCrossings>()?.Total))]
        : null;
}
