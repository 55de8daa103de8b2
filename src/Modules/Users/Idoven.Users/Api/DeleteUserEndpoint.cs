using Idoven.Shared.Http;
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
        .WithName("DeleteUser")
        .WithSummary("Delete a user")
        .WithDescription("The user cannot act any more; account, sessions, tokens and all ECGs are erased at once behind it: /users/erasures/{id} tells how far.")
        .Produces(StatusCodes.Status204NoContent)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<NoContent> Handle(string id, CurrentCaller caller, DeleteUserHandler handler, CancellationToken ct)
    {
        await handler.Handle(caller.Actor(), RouteId.Of(id), ct);
        return TypedResults.NoContent();
    }
}
