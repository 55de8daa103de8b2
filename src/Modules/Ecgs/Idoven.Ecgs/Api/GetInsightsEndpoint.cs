using Idoven.Ecgs.Application;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api;

/// <summary>The answer while the analysis is under way.</summary>
internal sealed record InsightsPending(string Status);

internal static class GetInsightsEndpoint
{
    private const string RetryAfterSeconds = "1";

    public static void MapGetInsights(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("{id}/insights", Handle)
        .RequireAuthorization(Policies.EcgsRead)
        .WithName("GetInsights")
        .WithSummary("Read an ECG's insights")
        .WithDescription("202 with Retry-After while they are being computed; 409 processing-failed where the analysis was given up.")
        .Produces(StatusCodes.Status200OK, contentType: "application/json")
        .Produces<InsightsPending>(StatusCodes.Status202Accepted)
        .Produces(StatusCodes.Status304NotModified)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<IResult> Handle(string id, HttpContext context, CurrentCaller caller, IEcgs ecgs, CancellationToken ct)
    {
        var ecgId = RouteId.Of(id);
        switch (await ecgs.FindInsights(ecgId, caller.Subject, ct))
        {
            case null:
                return Problems.NotFound();
            case { Document: { } document } found:
                return Conditional.IsCurrent(context, $"{ecgId:N}-{found.EngineVersion}")
                    ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
                    : TypedResults.Bytes(document, "application/json");
            case { Status: EcgStatus.Failed } found:
                return Problems.Conflict("processing-failed", "The analysis was given up", $"Reason: {found.FailureReason}.");
            default:
                context.Response.Headers.RetryAfter = RetryAfterSeconds;
                return TypedResults.Accepted((string?)null, new InsightsPending(EcgStatus.Queued.ToText()));
        }
    }
}
