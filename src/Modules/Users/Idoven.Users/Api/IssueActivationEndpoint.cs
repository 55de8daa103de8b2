using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Idoven.Shared.Web.Idempotency;
using Idoven.Users.Application;
using Idoven.Users.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Users.Api;

internal static class IssueActivationEndpoint
{
    public static void MapIssueActivation(this IEndpointRouteBuilder users) => users.MapPost("{id}/activation", Handle)
        .RequireAuthorization(UsersPolicies.UsersManage)
        .Audits(ModuleName.Value, AuditActions.IssueActivation)
        .WithName("IssueActivation")
        .WithSummary("Issue a new activation token, which replaces the old one")
        .WithDescription("Possible only before the first activation. Afterwards only the user can sign in to the account.")
        .Idempotent()
        .Returns<ActivationResponse>(StatusCodes.Status201Created, "The new activation.", ActivationResponse.Example)
        .Rejects(StatusCodes.Status409Conflict, "The account is already activated.", UsersProblems.AlreadyActivated);

    private static async Task<Created<ActivationResponse>> Handle(
        string id, HttpContext context, CurrentCaller caller, IssueActivationHandler handler, PublicAddress address, CancellationToken ct)
    {
        var key = await JsonBody.ReadKey(context, ct);
        var (user, activation) = await handler.Handle(caller.Actor(), RouteId.Parse(id), key, ct);
        return TypedResults.Created(
            (string?)null,
            activation is null
                ? new ActivationResponse(Url: null, Token: null, user.ActivationExpiresAt)
                : ActivationResponse.FromActivation(activation, address));
    }
}
