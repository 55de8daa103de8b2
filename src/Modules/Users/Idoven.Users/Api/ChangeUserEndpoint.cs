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

/// <summary>Represents changes of a user. An absent member is not changed; null removes the value.</summary>
internal sealed class ChangeUserRequest
{
    /// <summary>Whether the user may sign in; changed by an administrator of the user.</summary>
    public bool? Enabled { get; init; }

    /// <summary>The name to sign in with; changed by the user shortly after signing in. It cannot be removed.</summary>
    [Length(1, User.MaxUsernameLength), RegularExpression(User.UsernamePattern)]
    public string? Username { get; init => (field, HasUsername) = (value, true); }

    /// <summary>
    /// The e-mail address; changed by the user shortly after signing in. A new address must be verified before the user can sign in with
    /// it. Only one user can sign in with an address.
    /// </summary>
    [MaxLength(User.MaxEmailLength)]
    public string? Email { get; init => (field, HasEmail) = (value, true); }

    /// <summary>The name to show for the user; changed by the user.</summary>
    [Length(1, User.MaxDisplayNameLength)]
    public string? DisplayName { get; init => (field, HasDisplayName) = (value, true); }

    [JsonIgnore]
    public bool HasUsername { get; private init; }

    [JsonIgnore]
    public bool HasEmail { get; private init; }

    [JsonIgnore]
    public bool HasDisplayName { get; private init; }

    public ChangeUser ToCommand(bool hasSignedInRecently) => new(
        Enabled,
        HasUsername || HasEmail || HasDisplayName
            ? user => new ContactData(
                HasUsername ? Username ?? "" : user.Username,
                HasEmail ? Email : user.Email,
                HasDisplayName ? DisplayName : user.DisplayName)
            : null,
        hasSignedInRecently);
}

internal static class ChangeUserEndpoint
{
    public static void MapChangeUser(this IEndpointRouteBuilder users) => users.MapPatch("{id}", Handle)
        .RequireAuthorization(UsersPolicies.UsersChange)
        .Audits(ModuleName.Value, AuditActions.ChangeUser)
        .WithName("ChangeUser")
        .WithSummary("Enable or disable a user that you administer, or change your own contact data")
        .WithDescription(
            "An absent member is not changed; null removes the value. If-Match must have the ETag of the user as you read it. A new "
            + "username or e-mail address needs a sign-in of the last 15 minutes, else the response is 401 with "
            + "insufficient_user_authentication (RFC 9470).")
        .Reads<ChangeUserRequest>("""{"enabled":false}""")
        .TakesHeader("If-Match", "The ETag of the user as you read it, or * for any.", "\"\\\"3\\\"\"", isRequired: true)
        .Returns<UserResponse>(StatusCodes.Status200OK, "The changed user.", UserResponse.Example, "ETag")
        .Rejects(StatusCodes.Status409Conflict, "The username belongs to another user.", UsersProblems.Taken)
        .Rejects(StatusCodes.Status409Conflict, "The last superadmin who can sign in cannot be disabled.", UsersProblems.LastSuperadmin)
        .Rejects(StatusCodes.Status412PreconditionFailed, "The user was changed since you read it.")
        .Rejects(StatusCodes.Status428PreconditionRequired, "If-Match is missing.");

    private static async Task<Results<Ok<UserResponse>, ProblemHttpResult>> Handle(
        string id, HttpContext context, CurrentCaller caller, IUsers users, ChangeUserHandler handler, TimeProvider clock,
        CancellationToken ct)
    {
        var request = await JsonBody.Read<ChangeUserRequest>(context, ct);
        var ifMatch = Conditional.IfMatch(context);
        if (ifMatch is null)
        {
            // For a user that the caller may not see the response is 404, with or without If-Match.
            return await users.Find(RouteId.Parse(id), ct) is { } unread && caller.Actor().MaySee(unread)
                ? Problems.PreconditionRequired("Read the user, and send its ETag as If-Match.")
                : Problems.NotFound();
        }

        var command = request.ToCommand(RecentSignIn.Is(caller, clock.GetUtcNow()));
        var user = await handler.Handle(
            caller.Actor(), RouteId.Parse(id), command, version => ifMatch(UserResponse.Version(version)), ct);
        Conditional.SetTag(context, UserResponse.Version(user.Version));
        return TypedResults.Ok(UserResponse.FromUser(user));
    }
}
