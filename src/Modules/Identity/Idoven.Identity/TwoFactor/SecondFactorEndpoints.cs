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

namespace Idoven.Identity.TwoFactor;

/// <summary>The second factor of the caller's own account.</summary>
/// <param name="Enabled">Whether each sign-in requires a code.</param>
/// <param name="Since">When it was turned on; null if it is off.</param>
/// <param name="RecoveryCodesLeft">The number of recovery codes that are still valid.</param>
internal sealed record SecondFactorResponse(bool Enabled, DateTimeOffset? Since, int RecoveryCodesLeft)
{
    public const string Example = """{"enabled":true,"since":"2026-11-23T09:15:00+00:00","recoveryCodesLeft":10}""";
}

/// <summary>The password of the caller's own account.</summary>
/// <param name="Password">The password of the account.</param>
internal sealed record PasswordRequest(string Password);

/// <summary>The secret that an authenticator app is set up with.</summary>
/// <param name="Secret">The secret in base32, for entering it by hand.</param>
/// <param name="Uri">The secret as an otpauth URI, for a QR code or a link.</param>
internal sealed record SecondFactorOfferResponse(string Secret, string Uri)
{
    public const string Example =
        """{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","uri":"otpauth://totp/Idoven%20ecg.example.org:ada?secret=GEZDGNBVGY3TQOJQ"""
        + """GEZDGNBVGY3TQOJQ&issuer=Idoven%20ecg.example.org&algorithm=SHA1&digits=6&period=30"}""";
}

/// <summary>The first code of the app.</summary>
/// <param name="Code">Six digits.</param>
internal sealed record ConfirmSecondFactorRequest(string Code);

/// <summary>
/// Recovery codes. Each can be used once instead of a code of the app, or for a new password, which makes the others invalid.
/// </summary>
/// <param name="RecoveryCodes">Ten codes, which cannot be read again.</param>
internal sealed record RecoveryCodesResponse(IReadOnlyList<string> RecoveryCodes)
{
    public const string Example = """{"recoveryCodes":["7qza-k2mf-xw3d-pn5t","m4tc-2yhs-l6ve-b3ka"]}""";
}

/// <summary>The password, and the code of a second factor.</summary>
/// <param name="Password">The password of the account.</param>
/// <param name="Code">A code of the app or a recovery code; only if the second factor is on.</param>
internal sealed record PasswordAndCodeRequest(string Password, string? Code = null);

/// <summary>The endpoints of the caller's own second factor.</summary>
internal static class SecondFactorEndpoints
{
    private const string Route = "second-factor";

    public static void MapSecondFactor(this IEndpointRouteBuilder account)
    {
        account.MapGet(Route, Get)
            .RequireAuthorization(IdentityPolicies.OwnAccount)
            .WithName("GetSecondFactor")
            .WithSummary("Read whether the caller's own second factor is on")
            .WithDescription("The response contains the number of recovery codes that are left.")
            .Returns<SecondFactorResponse>(StatusCodes.Status200OK, "The second factor.", SecondFactorResponse.Example);
        Describe(account.MapPost(Route, StartEnrolment))
            .WithName("BeginSecondFactor")
            .Audits(ModuleName.Value, AuditActions.BeginSecondFactor)
            .WithSummary("Start the set-up of a second factor: get a secret for an authenticator app")
            .WithDescription(
                "The app shows time-based codes (TOTP, RFC 6238: SHA-1, six digits, 30 seconds). "
                + "The second factor is on when the first code of the app is confirmed. Starting again returns another secret.")
            .Reads<PasswordRequest>("""{"password":"correct horse battery staple"}""")
            .Returns<SecondFactorOfferResponse>(StatusCodes.Status200OK, "The secret.", SecondFactorOfferResponse.Example)
            .Rejects(StatusCodes.Status409Conflict, "The second factor is already on: turn it off first.", IdentityProblems.SecondFactorOn);
        Describe(account.MapPost($"{Route}/confirm", Confirm))
            .WithName("ConfirmSecondFactor")
            .Audits(ModuleName.Value, AuditActions.TurnSecondFactorOn)
            .WithSummary("Turn the second factor on with the first code of the app")
            .WithDescription("Each sign-in then requires a code. The response contains ten recovery codes, which cannot be read again.")
            .Reads<ConfirmSecondFactorRequest>("""{"code":"287082"}""")
            .Returns<RecoveryCodesResponse>(StatusCodes.Status200OK, "The second factor is on.", RecoveryCodesResponse.Example);
        Describe(account.MapPost($"{Route}/off", TurnOff))
            .WithName("TurnSecondFactorOff")
            .Audits(ModuleName.Value, AuditActions.TurnSecondFactorOff)
            .WithSummary("Turn the second factor off")
            .WithDescription(
                "Requires the password and a code of the app or a recovery code. The other recovery codes stay valid for a new password.")
            .Reads<PasswordAndCodeRequest>("""{"password":"correct horse battery staple","code":"287082"}""")
            .Returns(StatusCodes.Status204NoContent, "The second factor is off.")
            .Rejects(StatusCodes.Status409Conflict, "The second factor is already off.", IdentityProblems.SecondFactorOff);
        Describe(account.MapPost("recovery-codes", ReplaceRecoveryCodes))
            .WithName("ReplaceRecoveryCodes")
            .Audits(ModuleName.Value, AuditActions.ReplaceRecoveryCodes)
            .WithSummary("Get ten new recovery codes, which replace the old ones")
            .WithDescription(
                "Requires the password and, if the second factor is on, a code of the app or a recovery code. "
                + "Recovery codes are also useful without a second factor, for a new password.")
            .Reads<PasswordAndCodeRequest>("""{"password":"correct horse battery staple","code":null}""")
            .Returns<RecoveryCodesResponse>(StatusCodes.Status200OK, "The new codes.", RecoveryCodesResponse.Example);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
        .RequireAuthorization(IdentityPolicies.OwnAccount)
        .AddEndpointFilter<PasswordRejections>()
        .AddEndpointFilter<SecondFactorRejections>()
        .Rejects(StatusCodes.Status503ServiceUnavailable, "Too many sign-ins are waiting.");

    private static async Task<Ok<SecondFactorResponse>> Get(CurrentCaller caller, ISecondFactors factors, CancellationToken ct)
    {
        var state = await factors.Find(RouteId.Parse(caller.Subject), ct);
        return TypedResults.Ok(new SecondFactorResponse(state.IsOn, state.Since, state.RecoveryCodesLeft));
    }

    private static async Task<Ok<SecondFactorOfferResponse>> StartEnrolment(
        HttpContext context, CurrentCaller caller, ChangeSecondFactorHandler handler, PublicAddress address, CancellationToken ct)
    {
        var request = await JsonBody.Read<PasswordRequest>(context, ct);
        var (username, secret) = await handler.StartEnrolment(RouteId.Parse(caller.Subject), request.Password, ct);
        return TypedResults.Ok(new SecondFactorOfferResponse(Base32.Encode(secret), Totp.Uri(address.Root.Host, username, secret)));
    }

    private static async Task<Ok<RecoveryCodesResponse>> Confirm(
        HttpContext context, CurrentCaller caller, ChangeSecondFactorHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<ConfirmSecondFactorRequest>(context, ct);
        return TypedResults.Ok(new RecoveryCodesResponse(await handler.Confirm(RouteId.Parse(caller.Subject), request.Code, ct)));
    }

    private static async Task<NoContent> TurnOff(
        HttpContext context, CurrentCaller caller, ChangeSecondFactorHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<PasswordAndCodeRequest>(context, ct);
        await handler.TurnOff(RouteId.Parse(caller.Subject), request.Password, request.Code ?? "", ct);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<RecoveryCodesResponse>> ReplaceRecoveryCodes(
        HttpContext context, CurrentCaller caller, ChangeSecondFactorHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<PasswordAndCodeRequest>(context, ct);
        var codes = await handler.ReplaceRecoveryCodes(RouteId.Parse(caller.Subject), request.Password, request.Code, ct);
        return TypedResults.Ok(new RecoveryCodesResponse(codes));
    }
}

/// <summary>Creates the error responses if the second factor cannot be changed.</summary>
internal sealed class SecondFactorRejections : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (SecondFactorException e)
        {
            return e.Rejection switch
            {
                SecondFactorRejection.WrongPassword => Invalid("/password", "The password is wrong."),
                SecondFactorRejection.WrongCode =>
                    Invalid("/code", "The code is wrong, was used before, or came after too many wrong codes."),
                SecondFactorRejection.AlreadyOn =>
                    Problems.Conflict(IdentityProblems.SecondFactorOn, "Turn it off before you set up another one."),
                SecondFactorRejection.AlreadyOff =>
                    Problems.Conflict(IdentityProblems.SecondFactorOff, "There is no second factor to turn off."),
                _ => throw new ArgumentOutOfRangeException(nameof(context)),
            };
        }
    }

    private static ProblemHttpResult Invalid(string pointer, string detail) =>
        Problems.BadRequest("A value in the body is not valid.", new ProblemError(pointer, detail));
}
