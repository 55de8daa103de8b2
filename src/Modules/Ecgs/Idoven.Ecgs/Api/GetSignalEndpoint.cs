using Idoven.Ecgs.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api;

internal static class GetSignalEndpoint
{
    public static void MapGetSignal(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("{id}/signal", Handle)
        .RequireAuthorization(Policies.EcgsRead)
        .WithName("GetSignal")
        .WithSummary("Read a lead's samples, as sent")
        .WithDescription("lead names the lead; from and to (sample numbers, to exclusive) cut a piece. JSON, CSV or int32 little endian by Accept; streamed.")
        .Produces(StatusCodes.Status200OK, contentType: SignalFormat.Json, additionalContentTypes: [SignalFormat.Csv, SignalFormat.Binary])
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status406NotAcceptable);

    private static async Task<IResult> Handle(
        string id, HttpContext context, CurrentCaller caller, IEcgs ecgs, ISignals signals, string? lead, int from = 0, int? to = null,
        CancellationToken ct = default)
    {
        if (await ecgs.Find(RouteId.Of(id), caller.Subject, ct) is not { } ecg)
        {
            return Problems.NotFound();
        }

        if (ecg.Leads.FirstOrDefault(candidate => candidate.Name == lead) is not { } found)
        {
            return Problems.BadRequest($"lead names one of: {string.Join(", ", ecg.Leads.OrderBy(l => l.Number).Select(l => l.Name))}.");
        }

        var end = to ?? found.Samples;
        if (from < 0 || end > found.Samples || from >= end)
        {
            return Problems.BadRequest($"from and to cut a piece out of 0 to {found.Samples}: from is below to.");
        }

        if (SignalFormat.Choose(context.Request) is not { } format)
        {
            return Problems.NotAcceptable($"A signal is given as {SignalFormat.Json}, {SignalFormat.Csv} or {SignalFormat.Binary}.");
        }

        return Results.Stream(
            output => SignalFormat.Write(format, found.Name, from, signals.Read(ecg.Id, found.Number, from, end, ct), output, ct), format);
    }
}
