using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Application.Signals;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Idoven.Ecgs.Api.Download;

/// <summary>Represents samples of one lead.</summary>
/// <param name="Lead">The name of the lead.</param>
/// <param name="From">The index of the first sample of the response.</param>
/// <param name="Signal">The samples, as uploaded.</param>
internal sealed record SignalResponse(string Lead, int From, IReadOnlyList<int> Signal);

internal static class GetSignalEndpoint
{
    public static void MapGetSignal(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("{id}/signal", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsRead)
        .LogsAccess(AccessActions.ReadSignal)
        .WithName("GetSignal")
        .WithSummary("Read the samples of a lead, as sent")
        .WithDescription("Streams the signal or a part of it. Accept selects JSON, CSV (sample,value) or int32 little endian.")
        .Takes("lead", "The name of the lead, as uploaded.", "\"I\"", isRequired: true)
        .Takes("from", "The index of the first sample; the first one of the signal is 0.", "0", 0)
        .Takes("to", "The index after the last sample; without it, the end of the signal.", "3", 1)
        .TakesHeader("Accept", "application/json, text/csv or application/octet-stream.", "\"application/json\"")
        .Returns<SignalResponse>(StatusCodes.Status200OK, "The samples.", """{"lead":"I","from":0,"signal":[12,-3,7]}""")
        .Produces<SignalResponse>(StatusCodes.Status200OK, SignalFormat.Json, SignalFormat.Csv, SignalFormat.Binary)
        .Rejects(StatusCodes.Status400BadRequest, "The ECG has no lead with this name, or from and to select no samples of it.")
        .Rejects(StatusCodes.Status406NotAcceptable, "Accept allows none of the three media types.")
        .BoundsDownloads();

    private static async Task<IResult> Handle(
        string id, HttpContext context, CurrentCaller caller, ICurrentAccess access, IEcgs ecgs, ISignals signals,
        [FromKeyedServices(DownloadSlots.Key)] CallerSlots downloads, string? lead, int from = 0, int? to = null,
        CancellationToken ct = default)
    {
        if (await ecgs.Find(RouteId.Parse(id), caller.Subject, ct) is not { } ecg)
        {
            return Problems.NotFound();
        }

        access.SetEcg(ecg.Id, ecg.OwnerId);
        if (ecg.Lead(lead) is not { } found)
        {
            return LeadRejection.Create(ecg);
        }

        var end = to ?? found.Samples;
        if (from < 0 || end > found.Samples || from >= end)
        {
            return Problems.BadRequest($"from and to must be between 0 and {found.Samples}, and from must be less than to.");
        }

        if (Negotiation.Choose(context.Request, SignalFormat.All) is not { } mediaType)
        {
            return Problems.NotAcceptable($"Accept must allow {SignalFormat.Json}, {SignalFormat.Csv} or {SignalFormat.Binary}.");
        }

        using var slot = downloads.Enter(caller.Key);
        if (slot.Rejection(context) is { } rejection)
        {
            return rejection;
        }

        context.Response.Headers.Vary = HeaderNames.Accept;
        var blocks = signals.Read(ecg.Id, found.Number, from, end, ct);
        await StreamedResponse.Write(
            context, mediaType, SignalFormat.Length(mediaType, end - from),
            response => SignalFormat.Write(mediaType, found.Name, from, blocks, response));
        return Results.Empty;
    }
}
