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

/// <summary>Who has lost the password.</summary>
/// <param name="Identifier">The username, or the verified e-mail address.</param>
internal sealed record AskForRecoveryRequest(string Identifier);

/// <summary>A new password, with a token.</summary>
/// <param name="Token">The one-time token that was sent, or that the operator of the host made.</param>
/// <param name="Password">8 to 256 characters of any kind; not the username or the e-mail address, and not one that many people have.</param>
internal sealed record RecoverRequest(string Token, [property: Length(PasswordRules.MinLength, PasswordRules.MaxLength)] string Password);

/// <summary>A new password, with a recovery code.</summary>
/// <param name="Identifier">The username, or the verified e-mail address.</param>
/// <param name="Code">One of the recovery codes.</param>
/// <param name="Password">8 to 256 characters of any kind; not the username or the e-mail address, and not one that many people have.</param>
internal sealed record RecoverWithCodeRequest(string Identifier, string Code, [property: Length(PasswordRules.MinLength, PasswordRules.MaxLength)] string Password);

/// <summary>A lost password is replaced.</summary>
internal static class RecoveryEndpoints
{
    public static void MapRecovery(this IEndpointRouteBuilder account)
    {
        account.MapPost("recover", RequestRecovery)
            .AllowAnonymous()
            .WithName("AskForRecovery")
            .Audits(ModuleName.Value, AuditActions.AskForRecovery)
            .WithSummary("Have a link sent with which a new password is chosen")
            .WithDescription("To the verified e-mail address of the account. The answer is the same, and takes the same work, whether there is an account or not. The link lives 30 minutes. One a minute and five a day are sent to an address, and one network may ask 20 times an hour, unless the installation sets other bounds (EmailBounds:*). Where the installation sends no e-mail, recovery codes and its operator are the ways back.")
            .Reads<AskForRecoveryRequest>("""{"identifier":"ada"}""")
            .Returns(StatusCodes.Status202Accepted, "Where there is such an account, a link leaves soon.")
            .Rejects(StatusCodes.Status429TooManyRequests, "The caller's network asked as often as it may, for whatever accounts: come again after Retry-After.");
        Describe(account.MapPost("recover/token", WithToken))
            .WithName("Recover")
            .WithSummary("Choose a new password, with the token of a link; every session ends")
            .WithDescription("A second factor that is on stays on.")
            .Reads<RecoverRequest>("""{"token":"Zm9vYmFyYmF6","password":"an even longer password"}""");
        Describe(account.MapPost("recover/code", WithCode))
            .WithName("RecoverWithCode")
            .WithSummary("Choose a new password, with a recovery code; every session ends")
            .WithDescription("The code is used up, and the other recovery codes end with it. A second factor that is on stays on: the next sign-in takes a code of the app only. It is counted like a wrong password if it is wrong.")
            .Reads<RecoverWithCodeRequest>("""{"identifier":"ada","code":"7qza-k2mf-xw3d-pn5t","password":"an even longer password"}""");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
        .AllowAnonymous()
        .AddEndpointFilter<PasswordRejections>()
        .Audits(ModuleName.Value, AuditActions.Recover)
        .Returns(StatusCodes.Status204NoContent, "The password is another.")
        .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many sign-ins are waiting.");

    private static async Task<Results<StatusCodeHttpResult, ProblemHttpResult>> RequestRecovery(
        HttpContext context, RecoverHandler handler, CancellationToken ct)
    {
        var wait = await handler.RequestRecovery((await JsonBody.Read<AskForRecoveryRequest>(context, ct)).Identifier, ct);
        return wait > TimeSpan.Zero
            ? Problems.TooManyRequests(context, "Your network asked as often as it may.", wait)
            : TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> WithToken(HttpContext context, RecoverHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<RecoverRequest>(context, ct);
        return Answer(await handler.WithToken(request.Token, request.Password, ct), "/token", "It is unknown, used, replaced by a newer one, or over.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> WithCode(HttpContext context, RecoverHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<RecoverWithCodeRequest>(context, ct);
        return Answer(await handler.WithCode(request.Identifier, request.Code, request.Password, ct), "/code", "It is not a code of this account that still counts.");
    }

    private static Results<NoContent, ProblemHttpResult> Answer(bool isDone, string pointer, string detail) =>
        isDone ? TypedResults.NoContent() : Problems.BadRequest("The body is not valid.", new ProblemError(pointer, detail));
}
