using Idoven.Shared.Audit;
using Idoven.Shared.Http;
using Idoven.Shared.Http.Contract;
using Idoven.Users.Application;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Users.Api;

internal static class DeleteUserEndpoint
{
    public static void MapDeleteUser(this IEndpointRouteBuilder users) => users.MapDelete("{id}", Handle)
        .RequireAuthorization(Policies.UsersManage)
        .Audits(UsersModule.Name, Acts.DeleteUser)
        .WithName("DeleteUser")
        .WithSummary("Delete a user")
        .WithDescription("The user cannot act any more; account, sessions, tokens and all ECGs are erased at once behind it: /users/erasures/{id} tells how far.")
        .Answers(StatusCodes.Status204NoContent, "The user is deleted.")
        .Refuses(StatusCodes.Status409Conflict, "The last superadmin who can sign in is not deleted.", "last-superadmin");

    private static async Task<NoContent> Handle(string id, CurrentCaller caller, DeleteUserHandler handler, CancellationToken ct)
    {
        await handler.Handle(caller.Actor(), RouteId.Of(id), ct);
        return TypedResults.NoContent();
    }
}
