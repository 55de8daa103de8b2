using Idoven.Ecgs.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Ecgs.Api;

internal static class DeleteEcgEndpoint
{
    public static void MapDeleteEcg(this IEndpointRouteBuilder ecgs) => ecgs.MapDelete("{id}", Handle)
        .RequireAuthorization(Policies.EcgsWrite)
        .WithName("DeleteEcg")
        .WithSummary("Delete an ECG, its signals and its insights")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, CurrentCaller caller, DeleteEcgHandler handler, CancellationToken ct) =>
        await handler.Handle(RouteId.Of(id), caller.Subject, ct) ? TypedResults.NoContent() : Problems.NotFound();
}
