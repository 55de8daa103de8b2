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

internal static class ListUsersEndpoint
{
    public static void MapListUsers(this IEndpointRouteBuilder users) => users.MapGet("", Handle)
        .RequireAuthorization(UsersPolicies.UsersList)
        .WithName("ListUsers")
        .WithSummary("List the users that you administer, in the order of their registration")
        .WithDescription("The list has pages. Send next of a page as cursor to read the following page, until next is null.")
        .Paged()
        .Takes("username", "Only the user with this name, regardless of case.", "\"ada\"")
        .Returns<Page<UserResponse>>(StatusCodes.Status200OK, "A page of users.", DescribeExtensions.PageOf(UserResponse.Example), "Link");

    private static async Task<Results<Ok<Page<UserResponse>>, ProblemHttpResult>> Handle(
        HttpContext context, CurrentCaller caller, IUsers users, string? username, string? cursor, int limit = Paging.DefaultLimit,
        CancellationToken ct = default)
    {
        if (username is not null && !User.IsText(username))
        {
            return Problems.BadRequest("username must be valid Unicode text.");
        }

        var filter = new UserFilter(caller.Actor().ManagedRoles, username, After: null, limit);
        var list = $"{string.Join(',', filter.Roles)}\n{filter.Username}";
        if (Paging.Read(limit, cursor, list, out var after) is { } problem)
        {
            return problem;
        }

        var found = await users.List(filter with { After = after }, ct);
        return TypedResults.Ok(Paging.ToPage(context, found, limit, list, user => user.Id, UserResponse.FromUser));
    }
}
