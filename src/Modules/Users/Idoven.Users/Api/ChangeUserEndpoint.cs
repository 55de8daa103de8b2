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

/// <summary>What is sent is changed, what is absent stays; null removes.</summary>
internal sealed class ChangeUserRequest
{
    /// <summary>By whoever administers the user.</summary>
    public bool? Enabled { get; init; }

    /// <summary>By the user, shortly after signing in: what the user signs in with. It cannot be removed.</summary>
    [Length(1, User.MaxUsernameLength), RegularExpression(User.UsernamePattern)]
    public string? Username { get; init => (field, HasUsername) = (value, true); }

    /// <summary>
    /// By the user, shortly after signing in. Another one has to be verified again before it is signed in with; it signs in one user only.
    /// </summary>
    [MaxLength(User.MaxEmailLength)]
    public string? Email { get; init => (field, HasEmail) = (value, true); }

    /// <summary>By the user.</summary>
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
            ? user => new ContactData(HasUsername ? Username ?? "" : user.Username, HasEmail ? Email : user.Email, HasDisplayName ? DisplayName : user.DisplayName)
            : null,
        hasSignedInRecently);
}

internal static class ChangeUserEndpoint
{
    public static void MapChangeUser(this IEndpointRouteBuilder users) => users.MapPatch("{id}", Handle)
        .RequireAuthorization(UsersPolicies.UsersChange)
        .Audits(ModuleName.Value, AuditActions.ChangeUser)
        .WithName("ChangeUser")
        .WithSummary("Enable or disable a user one administers, or change one's own contact data")
        .WithDescription("What is sent is changed, what is absent stays, null removes. If-Match carries the ETag of the user as it was read. Another username or e-mail address needs a sign-in that is no older than 15 minutes: else 401 with insufficient_user_authentication (RFC 9470).")
        .Reads<ChangeUserRequest>("""{"enabled":false}""")
        .TakesHeader("If-Match", "The ETag of the user as you read it, or * for any.", "\"\\\"3\\\"\"", isRequired: true)
        .Returns<UserResponse>(StatusCodes.Status200OK, "The user as it is now.", UserResponse.Example, "ETag")
        .Rejects(StatusCodes.Status409Conflict, "The username belongs to another user.", UsersProblems.Taken)
        .Rejects(StatusCodes.Status409Conflict, "The last superadmin who can sign in is not disabled.", UsersProblems.LastSuperadmin)
        .Rejects(StatusCodes.Status412PreconditionFailed, "The user was changed since you read it.")
        .Rejects(StatusCodes.Status428PreconditionRequired, "If-Match is missing.");

    private static async Task<Results<Ok<UserResponse>, ProblemHttpResult>> Handle(
        string id, HttpContext context, CurrentCaller caller, IUsers users, ChangeUserHandler handler, TimeProvider clock, CancellationToken ct)
    {
        var request = await JsonBody.Read<ChangeUserRequest>(context, ct);
        var ifMatch = Conditional.IfMatch(context);
        if (ifMatch is null)
        {
            // What the caller may not see does not exist, with or without a version.
            return await users.Find(RouteId.Parse(id), ct) is { } unread && caller.Actor().Sees(unread)
                ? Problems.PreconditionRequired("Read the user, and send its ETag as If-Match.")
                : Problems.NotFound();
        }

        var user = await handler.Handle(caller.Actor(), RouteId.Parse(id), request.ToCommand(RecentSignIn.Is(caller, clock.GetUtcNow())), version => ifMatch(UserResponse.Version(version)), ct);
        Conditional.SetTag(context, UserResponse.Version(user.Version));
        return TypedResults.Ok(UserResponse.FromUser(user));
    }
}
