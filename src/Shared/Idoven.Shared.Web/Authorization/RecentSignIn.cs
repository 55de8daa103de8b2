using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Idoven.Shared.Web.Authorization;

/// <summary>Requires a recent sign-in for changes that could lock a user out of the account: an open session is not enough.</summary>
public static class RecentSignIn
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(15);

    /// <summary>Whether the caller's <c>auth_time</c> is minutes old.</summary>
    public static bool Is(CurrentCaller caller, DateTimeOffset now) => caller.SignedInAt is { } at && now - at <= Within;

    /// <summary>Returns the challenge of RFC 9470: the client lets the user sign in again, with <c>max_age</c>.</summary>
    public static ProblemHttpResult Require(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate =
            "Bearer error=\"insufficient_user_authentication\", error_description=\"A recent sign-in is needed\", "
            + $"max_age=\"{(int)Within.TotalSeconds}\"";
        return Problems.Unauthorized(
            $"The request needs a sign-in within the last {(int)Within.TotalMinutes} minutes: let the user sign in again (max_age).");
    }
}
