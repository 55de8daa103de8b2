using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Idoven.Users.Application;
using Idoven.Users.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Users.Api;

internal static class DeleteUserEndpoint
{
    public static void MapDeleteUser(this IEndpointRouteBuilder users) => users.MapDelete("{id}", Handle)
        .RequireAuthorization(UsersPolicies.UsersManage)
        .Audits(ModuleName.Value, AuditActions.DeleteUser)
        .WithName("DeleteUser")
        .WithSummary("Delete a user")
        .WithDescription(
            "The user cannot sign in any more. The account, its sessions and tokens, and all ECGs are erased at once; /users/erasures/{id} "
            + "returns the progress. If the installation has a grace period (Users:Erasure:Grace), the user is disabled, and erased after "
            + "the period (eraseAt of the user) unless it is enabled before. A user who deletes another needs a sign-in of the last 15 "
            + "minutes, else the response is 401 with insufficient_user_authentication (RFC 9470). A machine client does not need one.")
        .Returns(StatusCodes.Status204NoContent, "The user is deleted.")
        .Rejects(StatusCodes.Status409Conflict, "The last superadmin who can sign in cannot be deleted.", UsersProblems.LastSuperadmin);

    private static async Task<NoContent> Handle(
        string id, CurrentCaller caller, DeleteUserHandler handler, TimeProvider clock, CancellationToken ct)
    {
        await handler.Handle(caller.Actor(), RouteId.Parse(id), RecentSignIn.Is(caller, clock.GetUtcNow()), ct);
        return TypedResults.NoContent();
    }
}
