using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Api;

internal static class EndSessionEndpoint
{
    public static void MapEndSession(this IEndpointRouteBuilder account) => account.MapDelete("sessions/{id}", Handle)
        .RequireAuthorization(Policies.OwnAccount)
        .WithName("EndSession")
        .WithSummary("End one of one's own sessions")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(string id, CurrentCaller caller, EndSessionHandler handler, CancellationToken ct) =>
        await handler.Handle(RouteId.Of(caller.Subject), RouteId.Of(id), ct) ? TypedResults.NoContent() : Problems.NotFound();
}
