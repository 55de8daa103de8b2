using Idoven.Shared.Http;
using Idoven.Users.Application;
using Idoven.Users.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Idoven.Users.Api;

/// <summary>What a refused act on users is answered with, in one place for every route of them.</summary>
internal sealed class UserRefusals : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (UserRuleException e)
        {
            return Problems.BadRequest("The body breaks a rule.", new ProblemError($"/{e.Member}", e.Message));
        }
        catch (UserRefusedException e)
        {
            return e.Refusal == UserRefusal.SignInTooLongAgo ? RecentSignIn.Ask(context.HttpContext) : Of(e.Refusal);
        }
    }

    private static ProblemHttpResult Of(UserRefusal refusal) => refusal switch
    {
        UserRefusal.NotFound => Problems.NotFound(),
        UserRefusal.NotAllowed => Problems.Forbidden("Your role does not give this right over this user."),
        UserRefusal.Taken => Problems.Conflict("taken", "The username belongs to another user."),
        UserRefusal.Stale => Problems.PreconditionFailed("Read the user again: its ETag is another now."),
        UserRefusal.AlreadyActivated => Problems.Conflict("already-activated", "Its holder has chosen a password: no activation is issued any more."),
        UserRefusal.LastSuperadmin => Problems.Conflict("last-superadmin", "This is the last superadmin who can sign in."),
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };
}

internal static class CallerAsActor
{
    public static Actor Actor(this CurrentCaller caller) => new(Guid.TryParseExact(caller.Subject, "D", out var id) ? id : null, caller.Role);
}
