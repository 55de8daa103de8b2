using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Sessions;

internal static class EndSessionEndpoint
{
    public static void MapEndSession(this IEndpointRouteBuilder account) => account.MapDelete("sessions/{id}", Handle)
        .RequireAuthorization(IdentityPolicies.OwnAccount)
        .Audits(ModuleName.Value, AuditActions.EndSession)
        .WithName("EndSession")
        .WithSummary("End one of the caller's own sessions")
        .WithDescription("Its tokens are rejected everywhere within a second.")
        .Takes("id", "The id of the session.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f\"")
        .Returns(StatusCodes.Status204NoContent, "The session is ended.");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, CurrentCaller caller, EndSessionHandler handler, CancellationToken ct) =>
        await handler.Handle(RouteId.Parse(caller.Subject), RouteId.Parse(id), SessionEnd.Asked, ct)
            ? TypedResults.NoContent()
            : Problems.NotFound();
}
