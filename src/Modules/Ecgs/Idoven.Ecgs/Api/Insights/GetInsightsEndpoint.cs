using System.ComponentModel.DataAnnotations;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Contracts;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api.Insights;

/// <summary>Represents the response while the analysis is in progress.</summary>
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
        .WithDescription("The response is 202 with Retry-After while the analysis is in progress, and 409 processing-failed if it failed. "
            + "A machine client with insights:read:any reads the insights of every owner; the ECG's accesses list each such read.")
        .Takes("engineVersion", "The version of the engine; without it, the newest.", $"\"{AnalysisEngine.Version}\"")
        .Conditional()
        .Returns<InsightsResponse>(StatusCodes.Status200OK, "The insights.", InsightsResponse.Example, "ETag")
        .Returns<InsightsPending>(
            StatusCodes.Status202Accepted, "The analysis is in progress. Repeat the request after Retry-After.", """{"status":"queued"}""",
            "Retry-After")
        .Rejects(StatusCodes.Status409Conflict, "The analysis failed; detail has the code of the reason.", EcgsProblems.ProcessingFailed);

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
            access.SetEcg(ecgId, insights.OwnerId);
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
                return MissingInsights.ToResult(context, found.Status, found.FailureReason);
        }
    }
}
