using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Consents;

internal static class WithdrawConsentEndpoint
{
    public static void MapWithdrawConsent(this IEndpointRouteBuilder account) => account.MapDelete("applications/{id}", Handle)
        .RequireAuthorization(IdentityPolicies.OwnAccount)
        .Audits(ModuleName.Value, AuditActions.WithdrawConsent)
        .WithName("WithdrawConsent")
        .WithSummary("Withdraw the user's consent for an application")
        .WithDescription(
            "All modules reject its tokens within a second, the sessions that began with it end, and it has to ask the user again.")
        .Takes("id", "The application's client id.", "\"01932f5e-7a10-7c3d-9d1e-5a4b3c2d1e0f\"")
        .Returns(StatusCodes.Status204NoContent, "The consent is withdrawn.");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, CurrentCaller caller, WithdrawConsentHandler handler, CancellationToken ct) =>
        await handler.Handle(RouteId.Parse(caller.Subject), id, ct) ? TypedResults.NoContent() : Problems.NotFound();
}
