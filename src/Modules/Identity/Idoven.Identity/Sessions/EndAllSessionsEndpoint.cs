using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Sessions;

internal static class EndAllSessionsEndpoint
{
    public static void MapEndAllSessions(this IEndpointRouteBuilder account) => account.MapDelete("sessions", Handle)
        .RequireAuthorization(IdentityPolicies.OwnAccount)
        .Audits(ModuleName.Value, AuditActions.EndAllSessions)
        .WithName("EndAllSessions")
        .WithSummary("Sign out everywhere, including this session")
        .WithDescription("All tokens are rejected everywhere within a second, including the token of this request.")
        .Returns(StatusCodes.Status204NoContent, "All sessions are ended.");

    private static async Task<NoContent> Handle(CurrentCaller caller, EndAllSessionsHandler handler, CancellationToken ct)
    {
        await handler.Handle(RouteId.Parse(caller.Subject), ct);
        return TypedResults.NoContent();
    }
}
