using System.ComponentModel.DataAnnotations;
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
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api;

/// <summary>What became of the wish.</summary>
/// <param name="Status"><c>queued</c>, or <c>processed</c> where the engine of today has analysed the ECG completely.</param>
/// <param name="EngineVersion">The engine of today: its insights can be read by this version.</param>
internal sealed record ReprocessResponse([property: AllowedValues("queued", "processed")] string Status, string EngineVersion);

internal static class ReprocessEcgEndpoint
{
    public static void MapReprocessEcg(this IEndpointRouteBuilder ecgs) => ecgs.MapPost("{id}/reprocess", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsWrite)
        .LogsAccess(AccessActions.Reprocess)
        .WithName("ReprocessEcg")
        .WithSummary("Have an ECG analysed by the engine of today")
        .WithDescription("Earlier insights stay readable by their engineVersion. "
            + "Where today's engine has analysed it completely, nothing is done: the same would come out. "
            + "Insights that lack something because an analysis exceeded its time budget are computed again and replaced. Safe to repeat.")
        .Returns<ReprocessResponse>(
            StatusCodes.Status202Accepted, "It is queued, or was done already.",
            $$"""{"status":"queued","engineVersion":"{{AnalysisEngine.Version}}"}""", "Location");

    private static async Task<Results<Accepted<ReprocessResponse>, ProblemHttpResult>> Handle(
        string id, CurrentCaller caller, ReprocessEcgHandler handler, CancellationToken ct)
    {
        var ecgId = RouteId.Parse(id);
        var result = await handler.Handle(ecgId, caller.Subject, ct);
        if (result == Reprocessing.NotFound)
        {
            return Problems.NotFound();
        }

        var status = result == Reprocessing.Current ? EcgStatus.Processed : EcgStatus.Queued;
        return TypedResults.Accepted(
            $"/api/v1/ecgs/{ecgId}/insights?engineVersion={AnalysisEngine.Version}", new ReprocessResponse(status.ToText(), AnalysisEngine.Version));
    }
}
