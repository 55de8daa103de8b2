using Idoven.Shared.Http;
using Idoven.Users.Application;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Users.Api;

internal sealed record UserResponse(Guid Id, string Username, string? Email, string? DisplayName, string Role, bool Enabled, DateTimeOffset CreatedAt);

internal static class GetMeEndpoint
{
    public static void MapGetMe(this IEndpointRouteBuilder users) => users.MapGet("me", Handle)
        .RequireAuthorization(Policies.Self)
        .WithName("GetMe")
        .WithSummary("Read the signed-in user")
        .Produces<UserResponse>()
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<Ok<UserResponse>, ProblemHttpResult>> Handle(CurrentCaller caller, IUsers users, CancellationToken ct) =>
        Guid.TryParse(caller.Subject, out var id) && await users.Find(id, ct) is { } user
            ? TypedResults.Ok(new UserResponse(user.Id, user.Username, user.Email, user.DisplayName, user.Role, user.IsEnabled, user.CreatedAt))
            : Problems.NotFound();
}
