using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Idoven.Shared.Web.Authorization;

/// <summary>What could cost somebody the account is done by who has just shown that they are it, not by who found a session open.</summary>
public static class RecentSignIn
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(15);

    /// <summary>Whether the caller's <c>auth_time</c> is minutes old.</summary>
    public static bool Is(CurrentCaller caller, DateTimeOffset now) => caller.SignedInAt is { } at && now - at <= Within;

    /// <summary>As RFC 9470 has it: the client sends the person to sign in anew, with <c>max_age</c>.</summary>
    public static ProblemHttpResult Require(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate =
            $"""Bearer error="insufficient_user_authentication", error_description="A recent sign-in is needed", max_age="{(int)Within.TotalSeconds}" """.TrimEnd();
        return Problems.Unauthorized($"This needs a sign-in that is no older than {(int)Within.TotalMinutes} minutes: have the person sign in anew (max_age).");
    }
}
