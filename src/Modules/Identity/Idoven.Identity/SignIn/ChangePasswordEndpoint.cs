using System.ComponentModel.DataAnnotations;
using Idoven.Identity.Common;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Authorization;
using Idoven.Shared.Web.Bodies;
using Idoven.Shared.Web.Describe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Idoven.Identity.SignIn;

/// <summary>A change of the password.</summary>
/// <param name="CurrentPassword">The current password.</param>
/// <param name="NewPassword">8 to 256 characters of any kind; not the username, not the e-mail address and not a common password.</param>
internal sealed record ChangePasswordRequest(
    string CurrentPassword,
    [property: Length(PasswordRules.MinLength, PasswordRules.MaxLength)] string NewPassword);

internal static class ChangePasswordEndpoint
{
    public static void MapChangePassword(this IEndpointRouteBuilder account) => account.MapPost("password", Handle)
        .RequireAuthorization(IdentityPolicies.OwnAccount)
        .Audits(ModuleName.Value, AuditActions.ChangePassword)
        .AddEndpointFilter<PasswordRejections>()
        .WithName("ChangePassword")
        .WithSummary("Change the password; all sessions end, including this one")
        .WithDescription("Everyone who is signed in with the old password is signed out. Sign in again with the new one.")
        .Reads<ChangePasswordRequest>(
            """{"currentPassword":"correct horse battery staple","newPassword":"an even longer password"}""")
        .Returns(StatusCodes.Status204NoContent, "The password is changed.")
        .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many sign-ins are waiting.");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        HttpContext context, CurrentCaller caller, ChangePasswordHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<ChangePasswordRequest>(context, ct);
        return await handler.Handle(RouteId.Parse(caller.Subject), request.CurrentPassword, request.NewPassword, ct)
            ? TypedResults.NoContent()
            : Problems.BadRequest("A value in the body is not valid.", new ProblemError("/currentPassword", "The password is wrong."));
    }
}
