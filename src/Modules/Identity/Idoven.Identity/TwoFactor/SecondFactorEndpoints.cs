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

/// <summary>One's own second factor.</summary>
/// <param name="Enabled">Whether a code is asked for at each sign-in.</param>
/// <param name="Since">Since when; null where it is off.</param>
/// <param name="RecoveryCodesLeft">How many recovery codes are still good.</param>
internal sealed record SecondFactorResponse(bool Enabled, DateTimeOffset? Since, int RecoveryCodesLeft)
{
    public const string Example = """{"enabled":true,"since":"2026-11-23T09:15:00+00:00","recoveryCodesLeft":10}""";
}

/// <summary>One's own password, once more.</summary>
/// <param name="Password">The account's.</param>
internal sealed record PasswordRequest(string Password);

/// <summary>What an authenticator app is told.</summary>
/// <param name="Secret">In base32, for typing it in.</param>
/// <param name="Uri">The same for a QR code or a link.</param>
internal sealed record SecondFactorOfferResponse(string Secret, string Uri)
{
    public const string Example =
        """{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","uri":"otpauth://totp/Idoven%20ecg.example.org:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Idoven%20ecg.example.org&algorithm=SHA1&digits=6&period=30"}""";
}

/// <summary>The app's first code.</summary>
/// <param name="Code">Six digits.</param>
internal sealed record ConfirmSecondFactorRequest(string Code);

/// <summary>Recovery codes: each is good once, in the place of the app's code; or one of them for a new password, which ends the others.</summary>
/// <param name="RecoveryCodes">Ten; shown this once.</param>
internal sealed record RecoveryCodesResponse(IReadOnlyList<string> RecoveryCodes)
{
    public const string Example = """{"recoveryCodes":["7qza-k2mf-xw3d-pn5t","m4tc-2yhs-l6ve-b3ka"]}""";
}

/// <summary>Password and code.</summary>
/// <param name="Password">The account's.</param>
/// <param name="Code">The app's, or a recovery code; only where a second factor is on.</param>
internal sealed record PasswordAndCodeRequest(string Password, string? Code = null);

/// <summary>The second factor of one's own account.</summary>
internal static class SecondFactorEndpoints
{
    private const string Route = "second-factor";

    public static void MapSecondFactor(this IEndpointRouteBuilder account)
    {
        account.MapGet(Route, Get)
            .RequireAuthorization(IdentityPolicies.OwnAccount)
            .WithName("GetSecondFactor")
            .WithSummary("Read whether one's own second factor is on")
            .WithDescription("With the number of recovery codes that are left.")
            .Returns<SecondFactorResponse>(StatusCodes.Status200OK, "The second factor.", SecondFactorResponse.Example);
        Describe(account.MapPost(Route, StartEnrolment))
            .WithName("BeginSecondFactor")
            .Audits(ModuleName.Value, AuditActions.BeginSecondFactor)
            .WithSummary("Begin to set up a second factor: a secret for an authenticator app")
            .WithDescription("Codes by time (TOTP, RFC 6238: SHA-1, six digits, 30 seconds). It is on once the app's first code is confirmed; beginning again gives another secret.")
            .Reads<PasswordRequest>("""{"password":"correct horse battery staple"}""")
            .Returns<SecondFactorOfferResponse>(StatusCodes.Status200OK, "The secret.", SecondFactorOfferResponse.Example)
            .Rejects(StatusCodes.Status409Conflict, "A second factor is on: turn it off first.", IdentityProblems.SecondFactorOn);
        Describe(account.MapPost($"{Route}/confirm", Confirm))
            .WithName("ConfirmSecondFactor")
            .Audits(ModuleName.Value, AuditActions.TurnSecondFactorOn)
            .WithSummary("Turn the second factor on with the app's first code")
            .WithDescription("From now each sign-in asks for a code. The answer has ten recovery codes, this once.")
            .Reads<ConfirmSecondFactorRequest>("""{"code":"287082"}""")
            .Returns<RecoveryCodesResponse>(StatusCodes.Status200OK, "It is on.", RecoveryCodesResponse.Example);
        Describe(account.MapPost($"{Route}/off", TurnOff))
            .WithName("TurnSecondFactorOff")
            .Audits(ModuleName.Value, AuditActions.TurnSecondFactorOff)
            .WithSummary("Turn the second factor off")
            .WithDescription("With the password and a code, of the app or of recovery. Recovery codes that are left stay good for a new password.")
            .Reads<PasswordAndCodeRequest>("""{"password":"correct horse battery staple","code":"287082"}""")
            .Returns(StatusCodes.Status204NoContent, "It is off.")
            .Rejects(StatusCodes.Status409Conflict, "No second factor is on.", IdentityProblems.SecondFactorOff);
        Describe(account.MapPost("recovery-codes", ReplaceRecoveryCodes))
            .WithName("ReplaceRecoveryCodes")
            .Audits(ModuleName.Value, AuditActions.ReplaceRecoveryCodes)
            .WithSummary("Get ten new recovery codes; those before end")
            .WithDescription("With the password and, where a second factor is on, a code of the app or of recovery. They get you a new password too, so they are of use without a second factor.")
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

    private static async Task<Ok<RecoveryCodesResponse>> Confirm(HttpContext context, CurrentCaller caller, ChangeSecondFactorHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<ConfirmSecondFactorRequest>(context, ct);
        return TypedResults.Ok(new RecoveryCodesResponse(await handler.Confirm(RouteId.Parse(caller.Subject), request.Code, ct)));
    }

    private static async Task<NoContent> TurnOff(HttpContext context, CurrentCaller caller, ChangeSecondFactorHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<PasswordAndCodeRequest>(context, ct);
        await handler.TurnOff(RouteId.Parse(caller.Subject), request.Password, request.Code ?? "", ct);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<RecoveryCodesResponse>> ReplaceRecoveryCodes(
        HttpContext context, CurrentCaller caller, ChangeSecondFactorHandler handler, CancellationToken ct)
    {
        var request = await JsonBody.Read<PasswordAndCodeRequest>(context, ct);
        return TypedResults.Ok(new RecoveryCodesResponse(await handler.ReplaceRecoveryCodes(RouteId.Parse(caller.Subject), request.Password, request.Code, ct)));
    }
}

/// <summary>What is answered where a second factor is not changed.</summary>
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
            return e.Refusal switch
            {
                SecondFactorRejection.WrongPassword => Wrong("/password", "It is wrong."),
                SecondFactorRejection.WrongCode => Wrong("/code", "It does not count: it is wrong, was used before, or came after too many wrong ones."),
                SecondFactorRejection.On => Problems.Conflict(IdentityProblems.SecondFactorOn, "Turn it off before another is set up."),
                SecondFactorRejection.Off => Problems.Conflict(IdentityProblems.SecondFactorOff, "There is none to be turned off."),
                _ => throw new ArgumentOutOfRangeException(nameof(context)),
            };
        }
    }

    private static ProblemHttpResult Wrong(string pointer, string detail) => Problems.BadRequest("The body is not valid.", new ProblemError(pointer, detail));
}
