using Idoven.Ecgs.Api.Accesses;
using Idoven.Ecgs.Api.Common;
using Idoven.Ecgs.Application;
using Idoven.Ecgs.Application.Accesses;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api;

internal static class DeleteEcgEndpoint
{
    public static void MapDeleteEcg(this IEndpointRouteBuilder ecgs) => ecgs.MapDelete("{id}", Handle)
        .RequireAuthorization(EcgsPolicies.EcgsWrite)
        .LogsAccess(AccessActions.Delete)
        .WithName("DeleteEcg")
        .WithSummary("Delete an ECG, its signals and its insights")
        .WithDescription("The ECG is deleted permanently, and ecg.deleted.v1 is published.")
        .Returns(StatusCodes.Status204NoContent, "The ECG is deleted.");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, CurrentCaller caller, DeleteEcgHandler handler, CancellationToken ct) =>
        await handler.Handle(RouteId.Parse(id), caller.Subject, ct) ? TypedResults.NoContent() : Problems.NotFound();
}
