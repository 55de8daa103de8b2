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

/// <summary>The verification of an e-mail address.</summary>
/// <param name="Token">The one-time token that was sent to the address.</param>
/// <param name="Password">The password of the account.</param>
internal sealed record VerifyEmailRequest(string Token, string Password);

/// <summary>The verification of the caller's own e-mail address, which can then be used to sign in.</summary>
internal static class EmailEndpoints
{
    public static void MapEmail(this IEndpointRouteBuilder account)
    {
        account.MapPost("email/verification", RequestVerification)
            .RequireAuthorization(IdentityPolicies.OwnAccount)
            .WithName("AskForEmailVerification")
            .Audits(ModuleName.Value, AuditActions.AskForVerification)
            .WithSummary("Request another e-mail with the link that verifies the caller's own e-mail address")
            .WithDescription(
                "The link is also sent after the activation and after each change of the address. "
                + "No e-mail is sent if the address is already verified or the installation sends no e-mails. "
                + "Limits: one e-mail a minute to an address, five a day for an account and five a day to an address, "
                + "unless the installation configures others (EmailBounds:*). Beyond them the response is 429.")
            .Returns(StatusCodes.Status202Accepted, "The e-mail will be sent soon.")
            .Rejects(StatusCodes.Status429TooManyRequests, "Too many links were requested: try again after Retry-After.");
        account.MapPost("email/verify", Verify)
            .AllowAnonymous()
            .AddEndpointFilter<PasswordRejections>()
            .WithName("VerifyEmail")
            .Audits(ModuleName.Value, AuditActions.VerifyEmail)
            .WithSummary("Verify an e-mail address, with the token that was sent to it and the password of the account")
            .WithDescription(
                "Afterwards the user can sign in with the address and recover the account through it. "
                + "The token is valid for 24 hours, and becomes invalid after five wrong passwords.")
            .Reads<VerifyEmailRequest>("""{"token":"Zm9vYmFyYmF6","password":"correct horse battery staple"}""")
            .Returns(StatusCodes.Status204NoContent, "The address is verified.")
            .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many sign-ins are waiting.");
    }

    private static async Task<Results<StatusCodeHttpResult, ProblemHttpResult>> RequestVerification(
        HttpContext context, CurrentCaller caller, VerifyEmailHandler handler, CancellationToken ct)
    {
        var wait = await handler.RequestVerification(RouteId.Parse(caller.Subject), ct);
        return wait > TimeSpan.Zero
            ? Problems.TooManyRequests(context, "Too many links were requested.", wait)
            : TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Verify(
        HttpContext context, VerifyEmailHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<VerifyEmailRequest>(context, ct);
        return await handler.Handle(request.Token, request.Password, ct) switch
        {
            EmailVerification.Done => TypedResults.NoContent(),
            EmailVerification.WrongPassword => Invalid("/password", "The password is wrong."),
            _ => Invalid("/token", "The token is unknown, used, replaced by a newer one, or expired."),
        };

        static ProblemHttpResult Invalid(string pointer, string detail) =>
            Problems.BadRequest("A value in the body is not valid.", new ProblemError(pointer, detail));
    }
}
