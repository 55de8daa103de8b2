using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Idoven.Users.Application;
using Idoven.Users.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Users.Api;

/// <summary>A user to be registered.</summary>
/// <param name="Username">What the user signs in with: letters a to z, digits and . _ - +</param>
/// <param name="Role"><c>user</c>; a superadmin registers <c>admin</c> and <c>superadmin</c> too.</param>
/// <param name="Email">May be signed in with too, once the user has verified it.</param>
/// <param name="DisplayName">How the user is called.</param>
internal sealed record RegisterUserRequest(
    [property: Length(1, User.MaxUsernameLength), RegularExpression(User.UsernamePattern)] string Username,
    [property: AllowedValues("user", "admin", "superadmin")] string Role,
    [property: MaxLength(User.MaxEmailLength)] string? Email = null,
    [property: Length(1, User.MaxDisplayNameLength)] string? DisplayName = null);

/// <summary>The user that was registered, and how it is activated.</summary>
/// <param name="User">The user, whose members stand here.</param>
/// <param name="Activation">Shown this once: null where the request is repeated under its key.</param>
internal sealed record RegisteredUserResponse([property: JsonIgnore] UserResponse User, [property: JsonPropertyOrder(1)] ActivationResponse? Activation) : UserResponse(User)
{
    public static new readonly string Example = $$"""{{{UserResponse.Example.Trim().TrimStart('{')[..^1]}},"activation":{{ActivationResponse.Example}}}""";
}

internal static class RegisterUserEndpoint
{
    public static void MapRegisterUser(this IEndpointRouteBuilder users) => users.MapPost("", Handle)
        .RequireAuthorization(UsersPolicies.UsersManage)
        .Audits(ModuleName.Value, AuditActions.RegisterUser)
        .WithName("RegisterUser")
        .WithSummary("Register a user")
        .WithDescription("The answer holds, once, the activation to hand to the user, who chooses the password. The role never changes. The username is unique, however it is written. An e-mail address may be given for several users: it signs in the one who has verified it.")
        .Reads<RegisterUserRequest>("""{"username":"ada","role":"user","email":"ada@example.org","displayName":"Ada Lovelace"}""")
        .Idempotent()
        .Returns<RegisteredUserResponse>(StatusCodes.Status201Created, "The user is registered.", RegisteredUserResponse.Example, "Location", "ETag")
        .Rejects(StatusCodes.Status409Conflict, "The username belongs to another user.", UsersProblems.Taken);

    private static async Task<Created<RegisteredUserResponse>> Handle(
        HttpContext context, CurrentCaller caller, RegisterUserHandler handler, PublicAddress address, CancellationToken ct)
    {
        var (request, key) = await JsonBody.ReadWithKey<RegisterUserRequest>(context, ct);
        var command = new RegisterUser(request.Username, request.Email, request.DisplayName, request.Role, key);
        var (user, activation) = await handler.Handle(caller.Actor(), command, ct);
        Conditional.SetTag(context, UserResponse.Version(user.Version));
        return TypedResults.Created(
            $"/api/v1/users/{user.Id}",
            new RegisteredUserResponse(UserResponse.FromUser(user), activation is null ? null : ActivationResponse.FromActivation(activation, address)));
    }
}
