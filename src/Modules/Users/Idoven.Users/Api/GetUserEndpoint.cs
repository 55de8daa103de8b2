using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Describe;
using Idoven.Users.Application;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Users.Api;

internal static class GetUserEndpoint
{
    public static void MapGetUser(this IEndpointRouteBuilder users)
    {
        Describe(users.MapGet("{id}", Handle))
            .RequireAuthorization(UsersPolicies.UsersRead)
            .WithName("GetUser")
            .WithSummary("Read a user")
            .WithDescription("Returns yourself or a user that you administer; 404 for other users.");
        Describe(users.MapGet("me", HandleMe))
            .RequireAuthorization(UsersPolicies.Self)
            .WithName("GetMe")
            .WithSummary("Read the signed-in user")
            .WithDescription("Returns the user of the access token.")
            .Rejects(StatusCodes.Status404NotFound, "The user was deleted.");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
        .Conditional()
        .Returns<UserResponse>(StatusCodes.Status200OK, "The user.", UserResponse.Example, "ETag");

    private static async Task<Results<Ok<UserResponse>, StatusCodeHttpResult, ProblemHttpResult>> Handle(
        string id, HttpContext context, CurrentCaller caller, IUsers users, CancellationToken ct)
    {
        if (await users.Find(RouteId.Parse(id), ct) is not { } user || !caller.Actor().MaySee(user))
        {
            return Problems.NotFound();
        }

        return Conditional.IsCurrent(context, UserResponse.Version(user.Version))
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(UserResponse.FromUser(user));
    }

    private static Task<Results<Ok<UserResponse>, StatusCodeHttpResult, ProblemHttpResult>> HandleMe(
        HttpContext context, CurrentCaller caller, IUsers users, CancellationToken ct) =>
        Handle(caller.Subject, context, caller, users, ct);
}
