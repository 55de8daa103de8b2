using Idoven.Shared.Http;
using Idoven.Users.Application;
using Idoven.Users.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Users.Api;

/// <param name="Role"><c>user</c>; a superadmin registers <c>admin</c> and <c>superadmin</c> too.</param>
internal sealed record RegisterUserRequest(string Username, string Role, string? Email = null, string? DisplayName = null);

/// <param name="Activation">Shown this once: null where the request is repeated under its key.</param>
internal sealed record RegisteredUserResponse(UserResponse User, ActivationResponse? Activation) : UserResponse(User);

internal static class RegisterUserEndpoint
{
    public static void MapRegisterUser(this IEndpointRouteBuilder users) => users.MapPost("", Handle)
        .RequireAuthorization(Policies.UsersManage)
        .WithName("RegisterUser")
        .WithSummary("Register a user")
        .WithDescription("The answer holds, once, the activation to hand to the user, who chooses the password. The role is for ever.")
        .Produces<RegisteredUserResponse>(StatusCodes.Status201Created)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<Created<RegisteredUserResponse>> Handle(
        HttpContext context, CurrentCaller caller, RegisterUserHandler handler, PublicAddress address, CancellationToken ct)
    {
        var (request, key) = await JsonBody.ReadWithKey<RegisterUserRequest>(context, ct);
        var command = new RegisterUser(request.Username, request.Email, request.DisplayName, request.Role, key);
        var (user, activation) = await handler.Handle(caller.Actor(), command, ct);
        Conditional.SetTag(context, UserResponse.Version(user.Version));
        return TypedResults.Created(
            $"/api/v1/users/{user.Id}",
            new RegisteredUserResponse(UserResponse.Of(user), activation is null ? null : ActivationResponse.Of(activation, address)));
    }
}
