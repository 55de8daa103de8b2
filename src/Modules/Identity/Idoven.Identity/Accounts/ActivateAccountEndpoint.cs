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

namespace Idoven.Identity.Accounts;

/// <summary>The password of a new account.</summary>
/// <param name="Token">The one-time activation token.</param>
/// <param name="Password">8 to 256 characters of any kind; not the username, not the e-mail address and not a common password.</param>
internal sealed record ActivateAccountRequest(
    string Token,
    [property: Length(PasswordRules.MinLength, PasswordRules.MaxLength)] string Password);

internal static class ActivateAccountEndpoint
{
    public static void MapActivateAccount(this IEndpointRouteBuilder account) => account.MapPost("activate", Handle)
        .AllowAnonymous()
        .Audits(ModuleName.Value, AuditActions.ActivateAccount)
        .AddEndpointFilter<PasswordRejections>()
        .WithName("ActivateAccount")
        .WithSummary("Choose the password of a new account, with its one-time activation token")
        .WithDescription(
            "The response to the registration of the user contains the token. "
            + "It can be used once and expires after 72 hours. Afterwards the user can sign in.")
        .Reads<ActivateAccountRequest>("""{"token":"Zm9vYmFyYmF6","password":"correct horse battery staple"}""")
        .Returns(StatusCodes.Status204NoContent, "The account is active.")
        .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many sign-ins are waiting.");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        HttpContext context, ActivateAccountHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<ActivateAccountRequest>(context, ct);
        if (await handler.Handle(request.Token, request.Password, ct))
        {
            return TypedResults.NoContent();
        }

        var earlier = await handler.FindEarlier(request.Token, ct);
        var detail = earlier is null
            ? "The token is unknown, used, replaced by a newer one, or expired."
            : $"The token was used or replaced. {earlier}";
        return Problems.BadRequest("A value in the body is not valid.", new ProblemError("/token", detail));
    }
}
