using System.ComponentModel.DataAnnotations;
using Idoven.Ecgs.Analysis.Engine;
using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Ecgs.Application.Reprocessing;
using Idoven.Ecgs.Domain;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api.Reprocessing;

/// <summary>Represents the result of a request to reprocess an ECG.</summary>
/// <param name="Status"><c>queued</c>, or <c>processed</c> if the current engine has already analysed the ECG completely.</param>
/// <param name="EngineVersion">The version of the current engine, with which its insights can be read.</param>
internal sealed record ReprocessResponse([property: AllowedValues("queued", "processed")] string Status, string EngineVersion);

internal static class ReprocessEcgEndpoint
{
    public static void MapReprocessEcg(this IEndpointRouteBuilder ecgs) => ecgs.MapPost("{id}/reprocess", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsWrite)
        .LogsAccess(AccessActions.Reprocess)
        .WithName("ReprocessEcg")
        .WithSummary("Analyse an ECG again with the current engine")
        .WithDescription(
            "Earlier insights stay readable by their engineVersion. If the current engine has already analysed the ECG completely, the "
            + "request has no effect, because the result would be the same. Insights that are incomplete because an analysis exceeded its "
            + "time budget are computed again and replaced. The request can be repeated safely.")
        .Returns<ReprocessResponse>(
            StatusCodes.Status202Accepted, "The ECG is queued, or the current engine has already analysed it.",
            $$"""{"status":"queued","engineVersion":"{{AnalysisEngine.Version}}"}""", "Location");

    private static async Task<Results<Accepted<ReprocessResponse>, ProblemHttpResult>> Handle(
        string id, CurrentCaller caller, ReprocessEcgHandler handler, CancellationToken ct)
    {
        var ecgId = RouteId.Parse(id);
        var result = await handler.Handle(ecgId, caller.Subject, ct);
        if (result == ReprocessResult.NotFound)
        {
            return Problems.NotFound();
        }

        var status = result == ReprocessResult.Current ? EcgStatus.Processed : EcgStatus.Queued;
        return TypedResults.Accepted(
            $"/api/v1/ecgs/{ecgId}/insights?engineVersion={AnalysisEngine.Version}",
            new ReprocessResponse(status.ToText(), AnalysisEngine.Version));
    }
}
