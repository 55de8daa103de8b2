using System.ComponentModel.DataAnnotations;
using Idoven.Identity.Common;
using Idoven.Identity.SignIn;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.Recovery;

/// <summary>The account whose password is lost.</summary>
/// <param name="Identifier">The username, or the verified e-mail address.</param>
internal sealed record AskForRecoveryRequest(string Identifier);

/// <summary>A new password, with a token.</summary>
/// <param name="Token">The one-time token that was sent, or that the operator of the host created.</param>
/// <param name="Password">8 to 256 characters of any kind; not the username, not the e-mail address and not a common password.</param>
internal sealed record RecoverRequest(
    string Token,
    [property: Length(PasswordRules.MinLength, PasswordRules.MaxLength)] string Password);

/// <summary>A new password, with a recovery code.</summary>
/// <param name="Identifier">The username, or the verified e-mail address.</param>
/// <param name="Code">One of the recovery codes.</param>
/// <param name="Password">8 to 256 characters of any kind; not the username, not the e-mail address and not a common password.</param>
internal sealed record RecoverWithCodeRequest(
    string Identifier,
    string Code,
    [property: Length(PasswordRules.MinLength, PasswordRules.MaxLength)] string Password);

/// <summary>The endpoints that replace a lost password.</summary>
internal static class RecoveryEndpoints
{
    public static void MapRecovery(this IEndpointRouteBuilder account)
    {
        account.MapPost("recover", RequestRecovery)
            .AllowAnonymous()
            .WithName("AskForRecovery")
            .Audits(ModuleName.Value, AuditActions.AskForRecovery)
            .WithSummary("Request an e-mail with a link for choosing a new password")
            .WithDescription(
                "The e-mail is sent to the verified address of the account. "
                + "The response and the work for it are the same whether the account exists or not. The link is valid for 30 minutes. "
                + "Limits: one e-mail a minute and five a day to an address, and 20 requests an hour from a network, "
                + "unless the installation configures others (EmailBounds:*). "
                + "If the installation sends no e-mails, a user recovers the account with a recovery code or the help of its operator.")
            .Reads<AskForRecoveryRequest>("""{"identifier":"ada"}""")
            .Returns(StatusCodes.Status202Accepted, "If there is such an account, the e-mail will be sent soon.")
            .Rejects(
                StatusCodes.Status429TooManyRequests,
                "The caller's network has reached its limit of requests, for all accounts together: try again after Retry-After.");
        Describe(account.MapPost("recover/token", WithToken))
            .WithName("Recover")
            .WithSummary("Choose a new password with the token of a link; all sessions end")
            .WithDescription("A second factor stays on.")
            .Reads<RecoverRequest>("""{"token":"Zm9vYmFyYmF6","password":"an even longer password"}""");
        Describe(account.MapPost("recover/code", WithCode))
            .WithName("RecoverWithCode")
            .WithSummary("Choose a new password with a recovery code; all sessions end")
            .WithDescription(
                "The code is used up, and the other recovery codes become invalid. "
                + "A second factor stays on: the next sign-in requires a code of the app. A wrong code is counted like a wrong password.")
            .Reads<RecoverWithCodeRequest>("""{"identifier":"ada","code":"7qza-k2mf-xw3d-pn5t","password":"an even longer password"}""");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
        .AllowAnonymous()
        .AddEndpointFilter<PasswordRejections>()
        .Audits(ModuleName.Value, AuditActions.Recover)
        .Returns(StatusCodes.Status204NoContent, "The password is changed.")
        .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many sign-ins are waiting.");

    private static async Task<Results<StatusCodeHttpResult, ProblemHttpResult>> RequestRecovery(
        HttpContext context, RecoverHandler handler, CancellationToken ct)
    {
        var wait = await handler.RequestRecovery((await JsonBody.Read<AskForRecoveryRequest>(context, ct)).Identifier, ct);
        return wait > TimeSpan.Zero
            ? Problems.TooManyRequests(context, "Your network has reached its limit of requests.", wait)
            : TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> WithToken(
        HttpContext context, RecoverHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<RecoverRequest>(context, ct);
        return ToResult(
            await handler.WithToken(request.Token, request.Password, ct),
            "/token",
            "The token is unknown, used, replaced by a newer one, or expired.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> WithCode(
        HttpContext context, RecoverHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<RecoverWithCodeRequest>(context, ct);
        return ToResult(
            await handler.WithCode(request.Identifier, request.Code, request.Password, ct),
            "/code",
            "It is not a valid code of this account.");
    }

    private static Results<NoContent, ProblemHttpResult> ToResult(bool isDone, string pointer, string detail) =>
        isDone ? TypedResults.NoContent() : Problems.BadRequest("A value in the body is not valid.", new ProblemError(pointer, detail));
}
