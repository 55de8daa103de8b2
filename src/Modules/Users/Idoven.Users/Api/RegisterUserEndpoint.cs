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

/// <summary>Represents a user to be registered.</summary>
/// <param name="Username">The name to sign in with: letters a to z, digits and . _ - +</param>
/// <param name="Role"><c>user</c>; a superadmin may also register <c>admin</c> and <c>superadmin</c>.</param>
/// <param name="Email">The e-mail address, with which the user can also sign in after verifying it.</param>
/// <param name="DisplayName">The name to show for the user.</param>
internal sealed record RegisterUserRequest(
    [property: Length(1, User.MaxUsernameLength), RegularExpression(User.UsernamePattern)] string Username,
    [property: AllowedValues("user", "admin", "superadmin")] string Role,
    [property: MaxLength(User.MaxEmailLength)] string? Email = null,
    [property: Length(1, User.MaxDisplayNameLength)] string? DisplayName = null);

/// <summary>Represents the registered user with its activation.</summary>
/// <param name="User">The user, whose members are members of the response.</param>
/// <param name="Activation">The activation, which is shown only once; null if the request was repeated with its key.</param>
internal sealed record RegisteredUserResponse(
    [property: JsonIgnore] UserResponse User, [property: JsonPropertyOrder(1)] ActivationResponse? Activation) : UserResponse(User)
{
    public static new readonly string Example = $$"""{{{MembersOfUser}},"activation":{{ActivationResponse.Example}}}""";

    private static string MembersOfUser => UserResponse.Example.Trim().TrimStart('{')[..^1];
}

internal static class RegisterUserEndpoint
{
    public static void MapRegisterUser(this IEndpointRouteBuilder users) => users.MapPost("", Handle)
        .RequireAuthorization(UsersPolicies.UsersManage)
        .Audits(ModuleName.Value, AuditActions.RegisterUser)
        .WithName("RegisterUser")
        .WithSummary("Register a user")
        .WithDescription(
            "The response has the activation to hand to the user, who then chooses a password. It is shown only once. The role cannot be "
            + "changed. The username is unique regardless of case. Several users may have the same e-mail address; only the user that "
            + "has verified it can sign in with it.")
        .Reads<RegisterUserRequest>("""{"username":"ada","role":"user","email":"ada@example.org","displayName":"Ada Lovelace"}""")
        .Idempotent()
        .Returns<RegisteredUserResponse>(
            StatusCodes.Status201Created, "The user is registered.", RegisteredUserResponse.Example, "Location", "ETag")
        .Rejects(StatusCodes.Status409Conflict, "The username belongs to another user.", UsersProblems.Taken);

    private static async Task<Created<RegisteredUserResponse>> Handle(
        HttpContext context, CurrentCaller caller, RegisterUserHandler handler, PublicAddress address, CancellationToken ct)
    {
        var (request, key) = await JsonBody.ReadWithKey<RegisterUserRequest>(context, ct);
        var command = new RegisterUser(request.Username, request.Email, request.DisplayName, request.Role, key);
        var (user, activation) = await handler.Handle(caller.Actor(), command, ct);
        Conditional.SetTag(context, UserResponse.Version(user.Version));
        var response = activation is null ? null : ActivationResponse.FromActivation(activation, address);
        return TypedResults.Created($"/api/v1/users/{user.Id}", new RegisteredUserResponse(UserResponse.FromUser(user), response));
    }
}
