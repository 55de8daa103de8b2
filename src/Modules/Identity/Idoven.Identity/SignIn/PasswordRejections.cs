using Idoven.Identity.Accounts;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.SignIn;

/// <summary>Creates the error responses for a chosen password that violates a rule or cannot be hashed now.</summary>
internal sealed class PasswordRejections : IEndpointFilter
{
    private const int RetryAfterSeconds = 2;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (PasswordRuleException e)
        {
            return Problems.BadRequest("The body is not valid.", new ProblemError(e.Pointer, e.Message));
        }
        catch (TooManySignInsException)
        {
            return Problems.Unavailable(context.HttpContext, "Too many sign-ins are waiting.", RetryAfterSeconds);
        }
    }
}
