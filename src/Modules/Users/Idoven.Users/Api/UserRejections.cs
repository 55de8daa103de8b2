using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Application;
using Idoven.Users.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Idoven.Users.Api;

/// <summary>What a refused act on users is answered with, in one place for every route of them.</summary>
internal sealed class UserRejections : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (UserRuleException e)
        {
            return Problems.BadRequest("The body is not valid.", new ProblemError($"/{e.Member}", e.Message));
        }
        catch (UserRejectedException e)
        {
            return e.Refusal == UserRejection.SignInTooLongAgo ? RecentSignIn.Require(context.HttpContext) : ToProblem(e.Refusal);
        }
    }

    private static ProblemHttpResult ToProblem(UserRejection refusal) => refusal switch
    {
        UserRejection.NotFound => Problems.NotFound(),
        UserRejection.NotAllowed => Problems.Forbidden("Your role does not give this right over this user."),
        UserRejection.Taken => Problems.Conflict(UsersProblems.Taken, "The username belongs to another user."),
        UserRejection.Stale => Problems.PreconditionFailed("Read the user again: its ETag is another now."),
        UserRejection.AlreadyActivated => Problems.Conflict(UsersProblems.AlreadyActivated, "Its holder has chosen a password: no activation is issued any more."),
        UserRejection.LastSuperadmin => Problems.Conflict(UsersProblems.LastSuperadmin, "This is the last superadmin who can sign in."),
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };
}

internal static class CallerAsActor
{
    public static Actor Actor(this CurrentCaller caller) => new(Guid.TryParseExact(caller.Subject, "D", out var id) ? id : null, caller.Role);
}
