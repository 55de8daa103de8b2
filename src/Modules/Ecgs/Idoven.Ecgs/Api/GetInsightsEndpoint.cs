using System.ComponentModel.DataAnnotations;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Contracts;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api;

/// <summary>The answer while the analysis is under way.</summary>
/// <param name="Status">Always <c>queued</c>.</param>
internal sealed record InsightsPending([property: AllowedValues("queued")] string Status);

internal static class GetInsightsEndpoint
{
    public static void MapGetInsights(this IEndpointRouteBuilder ecgs) => ecgs.MapGet("{id}/insights", Handle)
        .RequireAuthorization(EcgsPolicies.InsightsRead)
        .LogsAccess(AccessActions.ReadInsights)
        .NeverCompress()
        .WithName("GetInsights")
        .WithSummary("Read an ECG's insights")
        .WithDescription("202 with Retry-After while they are being computed; 409 processing-failed where the analysis was given up. "
            + "A machine client with insights:read:any reads those of every owner; the owner sees each such read in the ECG's accesses.")
        .Takes("engineVersion", "What this version of the engine made of it; the newest where absent.", $"\"{AnalysisEngine.Version}\"")
        .Conditional()
        .Returns<InsightsResponse>(StatusCodes.Status200OK, "The insights.", InsightsResponse.Example, "ETag")
        .Returns<InsightsPending>(StatusCodes.Status202Accepted, "They are being computed: ask again after Retry-After.", """{"status":"queued"}""", "Retry-After")
        .Rejects(StatusCodes.Status409Conflict, "The analysis was given up; detail has the reason's code.", EcgsProblems.ProcessingFailed);

    private static async Task<IResult> Handle(
        string id, HttpContext context, CurrentCaller caller, AccessRules rules, ICurrentAccess access, IEcgs ecgs, string? engineVersion,
        CancellationToken ct)
    {
        var ecgId = RouteId.Parse(id);
        var insights = caller.Scopes.Contains(EcgsScopes.Read) ? await ecgs.FindInsights(ecgId, caller.Subject, engineVersion, ct) : null;
        if (insights is null && rules.Allows(EcgsPolicies.InsightsRead, EcgsScopes.ReadAnyInsights, caller))
        {
            insights = await ecgs.FindInsights(ecgId, engineVersion, ct);
        }

        if (insights is not null)
        {
            access.Reach(ecgId, insights.OwnerId);
        }

        switch (insights)
        {
            case null:
                return Problems.NotFound();
            case { Document: { } document } found:
                return Conditional.IsCurrent(context, $"{ecgId:N}-{found.Tag}")
                    ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
                    : StreamedResponse.Bytes(document, "application/json");
            case { } when engineVersion is not (null or AnalysisEngine.Version):
                return Problems.NotFound();
            case var found:
                return InsightsAnswer.WithoutInsights(context, found.Status, found.FailureReason);
        }
    }
}
