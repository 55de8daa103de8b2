using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Application;
using Idoven.Users.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Idoven.Users.Api;

/// <summary>Converts the exceptions of the use cases into error responses, for all routes of users.</summary>
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
            return e.Rejection == UserRejection.SignInTooLongAgo ? RecentSignIn.Require(context.HttpContext) : ToProblem(e.Rejection);
        }
    }

    private static ProblemHttpResult ToProblem(UserRejection rejection) => rejection switch
    {
        UserRejection.NotFound => Problems.NotFound(),
        UserRejection.NotAllowed => Problems.Forbidden("Your role does not allow this for this user."),
        UserRejection.Taken => Problems.Conflict(UsersProblems.Taken, "The username belongs to another user."),
        UserRejection.Stale => Problems.PreconditionFailed("The user was changed. Read it again and send its new ETag."),
        UserRejection.AlreadyActivated => Problems.Conflict(
            UsersProblems.AlreadyActivated, "The user has already chosen a password, so no activation can be issued."),
        UserRejection.LastSuperadmin => Problems.Conflict(UsersProblems.LastSuperadmin, "This is the last superadmin who can sign in."),
        _ => throw new ArgumentOutOfRangeException(nameof(rejection)),
    };
}

internal static class CallerAsActor
{
    public static Actor Actor(this CurrentCaller caller) =>
        new(Guid.TryParseExact(caller.Subject, "D", out var id) ? id : null, caller.Role);
}
