using Idoven.Identity.Common;
using Idoven.Identity.SignIn;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Accounts;

/// <summary>An address that was written to, and the password of the account that has it.</summary>
/// <param name="Token">The one-time token that was sent to the address.</param>
/// <param name="Password">The account's.</param>
internal sealed record VerifyEmailRequest(string Token, string Password);

/// <summary>One's own e-mail address becomes one to sign in with.</summary>
internal static class EmailEndpoints
{
    public static void MapEmail(this IEndpointRouteBuilder account)
    {
        account.MapPost("email/verification", RequestVerification)
            .RequireAuthorization(IdentityPolicies.OwnAccount)
            .WithName("AskForEmailVerification")
            .Audits(ModuleName.Value, AuditActions.AskForVerification)
            .WithSummary("Have the link sent once more that verifies one's own e-mail address")
            .WithDescription("It is sent by itself after the activation and after each change of the address. Nothing is sent where the address is verified already, or the installation sends no e-mail. One a minute is sent to an address, and five a day for an account and to an address, unless the installation sets other bounds (EmailBounds:*); beyond that the answer is 429.")
            .Returns(StatusCodes.Status202Accepted, "It leaves soon.")
            .Rejects(StatusCodes.Status429TooManyRequests, "As many links were sent as may be: come again after Retry-After.");
        account.MapPost("email/verify", Verify)
            .AllowAnonymous()
            .AddEndpointFilter<PasswordRejections>()
            .WithName("VerifyEmail")
            .Audits(ModuleName.Value, AuditActions.VerifyEmail)
            .WithSummary("Verify an e-mail address, with the token that was sent to it and the password of the account")
            .WithDescription("From then on the address signs in, and a lost password is replaced by it. The token lives 24 hours, and ends after a handful of wrong passwords.")
            .Reads<VerifyEmailRequest>("""{"token":"Zm9vYmFyYmF6","password":"correct horse battery staple"}""")
            .Returns(StatusCodes.Status204NoContent, "The address is verified.")
            .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many sign-ins are waiting.");
    }

    private static async Task<Results<StatusCodeHttpResult, ProblemHttpResult>> RequestVerification(
        HttpContext context, CurrentCaller caller, VerifyEmailHandler handler, CancellationToken ct)
    {
        var wait = await handler.RequestVerification(RouteId.Parse(caller.Subject), ct);
        return wait > TimeSpan.Zero
            ? Problems.TooManyRequests(context, "As many links were sent as may be.", wait)
            : TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Verify(HttpContext context, VerifyEmailHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<VerifyEmailRequest>(context, ct);
        return await handler.Handle(request.Token, request.Password, ct) switch
        {
            EmailVerification.Done => TypedResults.NoContent(),
            EmailVerification.WrongPassword => Wrong("/password", "It is wrong."),
            _ => Wrong("/token", "It is unknown, used, replaced by a newer one, or over."),
        };

        static ProblemHttpResult Wrong(string pointer, string detail) => Problems.BadRequest("The body is not valid.", new ProblemError(pointer, detail));
    }
}
