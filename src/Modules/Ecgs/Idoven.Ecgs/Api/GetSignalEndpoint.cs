using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Idoven.Ecgs.Api;

/// <summary>Samples of one lead.</summary>
/// <param name="Lead">Its name.</param>
/// <param name="From">The number of the first sample given.</param>
/// <param name="Signal">The samples, as uploaded.</param>
internal sealed record SignalResponse(string Lead, int From, IReadOnlyList<int> Signal);

internal static class GetSignalEndpoint
{
    public static void MapGetSignal(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("{id}/signal", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsRead)
        .LogsAccess(AccessActions.ReadSignal)
        .WithName("GetSignal")
        .WithSummary("Read a lead's samples, as sent")
        .WithDescription("The whole signal or a piece of it, streamed: JSON, CSV (sample,value) or int32 little endian, by Accept.")
        .Takes("lead", "The lead's name as uploaded.", "\"I\"", isRequired: true)
        .Takes("from", "The first sample, counted from 0.", "0", 0)
        .Takes("to", "The sample behind the last one; the end of the signal where absent.", "3", 1)
        .TakesHeader("Accept", "application/json, text/csv or application/octet-stream.", "\"application/json\"")
        .Returns<SignalResponse>(StatusCodes.Status200OK, "The samples.", """{"lead":"I","from":0,"signal":[12,-3,7]}""")
        .Produces<SignalResponse>(StatusCodes.Status200OK, SignalFormat.Json, SignalFormat.Csv, SignalFormat.Binary)
        .Rejects(StatusCodes.Status400BadRequest, "There is no such lead, or from and to cut nothing out of it.")
        .Rejects(StatusCodes.Status406NotAcceptable, "Accept names none of the three forms.")
        .BoundsDownloads();

    private static async Task<IResult> Handle(
        string id, HttpContext context, CurrentCaller caller, ICurrentAccess access, IEcgs ecgs, ISignals signals,
        [FromKeyedServices(EcgsModule.Downloads)] CallerSlots downloads, string? lead, int from = 0, int? to = null, CancellationToken ct = default)
    {
        if (await ecgs.Find(RouteId.Parse(id), caller.Subject, ct) is not { } ecg)
        {
            return Problems.NotFound();
        }

        access.Reach(ecg.Id, ecg.OwnerId);
        if (ecg.Lead(lead) is not { } found)
        {
            return LeadRejection.Create(ecg);
        }

        var end = to ?? found.Samples;
        if (from < 0 || end > found.Samples || from >= end)
        {
            return Problems.BadRequest($"from and to cut a piece out of 0 to {found.Samples}: from is below to.");
        }

        if (Negotiation.Choose(context.Request, SignalFormat.All) is not { } format)
        {
            return Problems.NotAcceptable($"A signal is given as {SignalFormat.Json}, {SignalFormat.Csv} or {SignalFormat.Binary}.");
        }

        using var slot = downloads.Enter(caller.Key);
        if (slot.Rejection(context) is { } rejection)
        {
            return rejection;
        }

        context.Response.Headers.Vary = HeaderNames.Accept;
        var blocks = signals.Read(ecg.Id, found.Number, from, end, ct);
        await StreamedResponse.Write(
            context, format, SignalFormat.Length(format, end - from), response => SignalFormat.Write(format, found.Name, from, blocks, response));
        return Results.Empty;
    }
}
