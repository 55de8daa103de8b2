using System.Text.Json.Serialization;
using Idoven.Ecgs.Analysis.Beats;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Api.Accesses;
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

namespace Idoven.Ecgs.Api;

/// <summary>The heart beats of one lead, or of all leads together.</summary>
/// <param name="Lead">The lead's name; null for all leads together.</param>
/// <param name="EngineVersion">Of the analysis that found them.</param>
/// <param name="SamplingFrequency">Samples a second; null where it was not given.</param>
/// <param name="Beats">In order of time.</param>
internal sealed record BeatsResponse(string? Lead, string EngineVersion, double? SamplingFrequency, IReadOnlyList<BeatResponse> Beats)
{
    public static BeatsResponse FromBeats(string? lead, string engineVersion, double? samplingFrequency, IReadOnlyList<ClassifiedBeat> beats) =>
        new(lead, engineVersion, samplingFrequency, [.. beats.Select(beat => BeatResponse.FromBeat(beat, samplingFrequency))]);
}

/// <summary>A heart beat, marked at the main deflection of its QRS complex.</summary>
/// <param name="Sample">The sample nearest to it, counted from 0.</param>
/// <param name="TimeMs">When it was, from the first sample on, finer than a sample; null where the sampling frequency was not given.</param>
/// <param name="Class">N, S (supraventricular ectopic) or V (ventricular ectopic), by the classes of ANSI/AAMI EC57.</param>
internal sealed record BeatResponse(int Sample, double? TimeMs, [property: JsonConverter(typeof(JsonStringEnumConverter<BeatClass>))] BeatClass Class)
{
    public static BeatResponse FromBeat(ClassifiedBeat beat, double? samplingFrequency) =>
        new((int)Math.Round(beat.Sample), samplingFrequency is { } frequency ? Math.Round(beat.Sample * 1000 / frequency, 3) : null, beat.Class);
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
        .WithSummary("Read the heart beats that were found")
        .WithDescription("JSON, CSV (sample,timeMs,class) or an annotation file for WFDB's tools, by Accept. 202 while the analysis is under way.")
        .Takes("lead", "The lead's name as uploaded; all leads together where absent.", "\"I\"")
        .Takes("engineVersion", "What this version of the engine found; the newest where absent.", $"\"{AnalysisEngine.Version}\"")
        .TakesHeader("Accept", $"{BeatFormat.Json}, {BeatFormat.Csv} or {BeatFormat.Wfdb}.", "\"application/json\"")
        .Conditional()
        .Returns<BeatsResponse>(StatusCodes.Status200OK, "The beats.", Example, "ETag")
        .Produces<BeatsResponse>(StatusCodes.Status200OK, BeatFormat.Json, BeatFormat.Csv, BeatFormat.Wfdb)
        .Returns<InsightsPending>(StatusCodes.Status202Accepted, "They are being looked for: ask again after Retry-After.", """{"status":"queued"}""", "Retry-After")
        .Rejects(StatusCodes.Status400BadRequest, "There is no such lead.")
        .Rejects(StatusCodes.Status406NotAcceptable, "Accept names none of the three forms.")
        .Rejects(StatusCodes.Status409Conflict, "The analysis was given up, or could not look for beats: notComputed in the insights says why.", EcgsProblems.ProcessingFailed)
        .BoundsDownloads();

    private static async Task<IResult> Handle(
        string id, HttpContext context, CurrentCaller caller, ICurrentAccess access, IEcgs ecgs,
        [FromKeyedServices(EcgsModule.Downloads)] CallerSlots downloads,
        string? lead, string? engineVersion, CancellationToken ct)
    {
        if (await ecgs.Find(RouteId.Parse(id), caller.Subject, ct) is not { } ecg)
        {
            return Problems.NotFound();
        }

        access.Reach(ecg.Id, ecg.OwnerId);
        var named = ecg.Lead(lead);
        if (lead is not null && named is null)
        {
            return LeadRejection.Create(ecg);
        }

        if (Negotiation.Choose(context.Request, BeatFormat.All) is not { } form)
        {
            return Problems.NotAcceptable($"Beats are given as {BeatFormat.Json}, {BeatFormat.Csv} or {BeatFormat.Wfdb}.");
        }

        using var slot = downloads.Enter(caller.Key);
        if (slot.Rejection(context) is { } rejection)
        {
            return rejection;
        }

        if (await ecgs.FindInsights(ecg.Id, caller.Subject, engineVersion, ct) is not { EngineVersion: { } version } insights)
        {
            return engineVersion is null or AnalysisEngine.Version ? InsightsAnswer.WithoutInsights(context, ecg.Status, ecg.FailureReason) : Problems.NotFound();
        }

        if (await ecgs.FindBeats(ecg.Id, version, named?.Number ?? BeatList.AllLeads, ct) is not { } encoded)
        {
            return Problems.Conflict(EcgsProblems.NotComputed, "This version of the engine did not look for beats: notComputed in its insights says why.");
        }

        context.Response.Headers.Vary = HeaderNames.Accept;
        if (Conditional.IsCurrent(context, $"{ecg.Id:N}-{insights.Tag}-{named?.Number ?? BeatList.AllLeads}-{Array.IndexOf(BeatFormat.All, form)}"))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        var beats = BeatFormat.Write(form, named?.Name, version, ecg.SamplingFrequency, BeatCodec.Decode(encoded));
        await StreamedResponse.Bytes(beats, form).ExecuteAsync(context);
        return Results.Empty;
    }
}
