using System.Text.Json.Serialization;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Api.Insights;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Idoven.Ecgs.Api.Download;

/// <summary>Represents the heartbeats of one lead or of all leads together.</summary>
/// <param name="Lead">The lead's name; null for all leads together.</param>
/// <param name="EngineVersion">The version of the engine that found them.</param>
/// <param name="SamplingFrequency">The number of samples per second (Hz); null if it is unknown.</param>
/// <param name="Beats">The beats, in order of time.</param>
internal sealed record BeatsResponse(string? Lead, string EngineVersion, double? SamplingFrequency, IReadOnlyList<BeatResponse> Beats)
{
    public static BeatsResponse FromBeats(
        string? lead, string engineVersion, double? samplingFrequency, IReadOnlyList<ClassifiedBeat> beats) =>
        new(lead, engineVersion, samplingFrequency, [.. beats.Select(beat => BeatResponse.FromBeat(beat, samplingFrequency))]);
}

/// <summary>Represents a heartbeat, at the largest deflection of its QRS complex.</summary>
/// <param name="Sample">The index of the nearest sample; the first sample is 0.</param>
/// <param name="TimeMs">
/// The time since the first sample in milliseconds, finer than a sample; null if the sampling frequency is unknown.
/// </param>
/// <param name="Class">N (normal), S (supraventricular ectopic) or V (ventricular ectopic), by the classes of ANSI/AAMI EC57.</param>
internal sealed record BeatResponse(
    int Sample, double? TimeMs, [property: JsonConverter(typeof(JsonStringEnumConverter<BeatClass>))] BeatClass Class)
{
    public static BeatResponse FromBeat(ClassifiedBeat beat, double? samplingFrequency) => new(
        (int)Math.Round(beat.Sample),
        samplingFrequency is { } frequency ? Math.Round(beat.Sample * 1000 / frequency, 3) : null,
        beat.Class);
}

internal static class GetBeatsEndpoint
{
    private const string Example =
        $$"""
        {"lead":null,"engineVersion":"{{AnalysisEngine.Version}}","samplingFrequency":360,
        "beats":[{"sample":77,"timeMs":213.8,"class":"N"},{"sample":370,"timeMs":1027.9,"class":"V"}]}
        """;

    public static void MapGetBeats(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("{id}/beats", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsRead)
        .LogsAccess(AccessActions.ReadBeats)
        .WithName("GetBeats")
        .WithSummary("Read the heartbeats of an ECG")
        .WithDescription(
            "Accept selects JSON, CSV (sample,timeMs,class) or an annotation file for the WFDB tools. The response is 202 while the "
            + "analysis is in progress.")
        .Takes("lead", "The name of the lead, as uploaded; without it, the beats of all leads together.", "\"I\"")
        .Takes("engineVersion", "The version of the engine; without it, the newest.", $"\"{AnalysisEngine.Version}\"")
        .TakesHeader("Accept", $"{BeatFormat.Json}, {BeatFormat.Csv} or {BeatFormat.Wfdb}.", "\"application/json\"")
        .Conditional()
        .Returns<BeatsResponse>(StatusCodes.Status200OK, "The beats.", Example, "ETag")
        .Produces<BeatsResponse>(StatusCodes.Status200OK, BeatFormat.Json, BeatFormat.Csv, BeatFormat.Wfdb)
        .Returns<InsightsPending>(
            StatusCodes.Status202Accepted, "The analysis is in progress. Repeat the request after Retry-After.", """{"status":"queued"}""",
            "Retry-After")
        .Rejects(StatusCodes.Status400BadRequest, "The ECG has no lead with this name.")
        .Rejects(StatusCodes.Status406NotAcceptable, "Accept allows none of the three media types.")
        .Rejects(
            StatusCodes.Status409Conflict,
            "The analysis failed, or it could not search for beats: notComputed in the insights has the reason.",
            EcgsProblems.ProcessingFailed)
        .BoundsDownloads();

    private static async Task<IResult> Handle(
        string id, HttpContext context, CurrentCaller caller, ICurrentAccess access, IEcgs ecgs,
        [FromKeyedServices(DownloadSlots.Key)] CallerSlots downloads,
        string? lead, string? engineVersion, CancellationToken ct)
    {
        if (await ecgs.Find(RouteId.Parse(id), caller.Subject, ct) is not { } ecg)
        {
            return Problems.NotFound();
        }

        access.SetEcg(ecg.Id, ecg.OwnerId);
        var named = ecg.Lead(lead);
        if (lead is not null && named is null)
        {
            return LeadRejection.Create(ecg);
        }

        if (Negotiation.Choose(context.Request, BeatFormat.All) is not { } mediaType)
        {
            return Problems.NotAcceptable($"Accept must allow {BeatFormat.Json}, {BeatFormat.Csv} or {BeatFormat.Wfdb}.");
        }

        using var slot = downloads.Enter(caller.Key);
        if (slot.Rejection(context) is { } rejection)
        {
            return rejection;
        }

        if (await ecgs.FindInsights(ecg.Id, caller.Subject, engineVersion, ct) is not { EngineVersion: { } version } insights)
        {
            return engineVersion is null or AnalysisEngine.Version
                ? MissingInsights.ToResult(context, ecg.Status, ecg.FailureReason)
                : Problems.NotFound();
        }

        if (await ecgs.FindBeats(ecg.Id, version, named?.Number ?? BeatList.AllLeads, ct) is not { } beats)
        {
            return Problems.Conflict(
                EcgsProblems.NotComputed,
                "This version of the engine did not search for beats: notComputed in its insights has the reason.");
        }

        context.Response.Headers.Vary = HeaderNames.Accept;
        var tag = $"{ecg.Id:N}-{insights.Tag}-{named?.Number ?? BeatList.AllLeads}-{Array.IndexOf(BeatFormat.All, mediaType)}";
        if (Conditional.IsCurrent(context, tag))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        var body = BeatFormat.Write(mediaType, named?.Name, version, ecg.SamplingFrequency, beats);
        await StreamedResponse.Bytes(body, mediaType).ExecuteAsync(context);
        return Results.Empty;
    }
}
