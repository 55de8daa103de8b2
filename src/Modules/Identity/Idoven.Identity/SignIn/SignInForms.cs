using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Pages;
using Idoven.Identity.Sessions;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Identity.TwoFactor;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.SignIn;

/// <summary>
/// Handles the forms of a sign-in: the password, the code of the second factor, and the set-up of a required second factor.
/// </summary>
internal static class SignInForms
{
    /// <summary>Returns whether the button that a form was sent with belongs to one of these forms.</summary>
    public static bool Contain(string button) =>
        button is SignInPage.SignIn or TwoFactorChallengePage.Confirm or TwoFactorChallengePage.SetUp;

    /// <param name="flow">The flow that the form belongs to and that continues after the sign-in.</param>
    /// <param name="button">The button that the form was sent with; <see cref="Contain"/> is true of it.</param>
    public static async Task<IResult> Handle(
        HttpContext context, AuthorizeEndpoint.Services services, SignInFlow flow, string button, CancellationToken ct)
    {
        if (!await services.Forms.IsOurs(context))
        {
            return HtmlForms.Expired();
        }

        var current = await BrowserSession.Read(context);
        try
        {
            return await (button switch
            {
                TwoFactorChallengePage.Confirm => Confirm(context, services, flow, current, ct),
                TwoFactorChallengePage.SetUp => SetUp(context, services, flow, current, ct),
                _ => SignIn(context, services, flow, current, ct),
            });
        }
        catch (TooManySignInsException)
        {
            return HtmlForms.Overloaded(context);
        }
    }

    private static async Task<IResult> SignIn(
        HttpContext context, AuthorizeEndpoint.Services services, SignInFlow flow, BrowserSession? current, CancellationToken ct)
    {
        var form = context.Request.Form;
        var (username, password) = (form[SignInPage.Username].ToString(), form[SignInPage.Password].ToString());
        var result = await services.SignIn.InBrowser(username, password, flow.ClientId, current?.Ticket, flow.RequiresTwoFactor, ct);
        if (result.TwoFactor is { } pending)
        {
            return await ShowChallenge(context, services, flow, pending, error: null, ct);
        }

        if (result.Holder is null)
        {
            return SignInPage.Render(context, services.Forms, flow, username, SignInPage.Wrong);
        }

        await SaveSession(context, services, result, current, ct);
        return Results.LocalRedirect($"~{flow.Route}{flow.Next}");
    }

    private static async Task<IResult> Confirm(
        HttpContext context, AuthorizeEndpoint.Services services, SignInFlow flow, BrowserSession? current, CancellationToken ct)
    {
        var (token, code) = TwoFactorChallengePage.ReadForm(context);
        var result = await services.TwoFactor.VerifyCode(token, code, flow.ClientId, current?.Ticket, ct);
        if (result.SignIn is { } signedIn)
        {
            await SaveSession(context, services, signedIn, current, ct);
            return Results.LocalRedirect($"~{flow.Route}{flow.Next}");
        }

        return result.IsWrong
            ? await ShowChallenge(context, services, flow, new(token, TokenUse.SecondStep), TwoFactorChallengePage.Wrong, ct)
            : StartAgain(context, services, flow);
    }

    private static async Task<IResult> SetUp(
        HttpContext context, AuthorizeEndpoint.Services services, SignInFlow flow, BrowserSession? current, CancellationToken ct)
    {
        var (token, code) = TwoFactorChallengePage.ReadForm(context);
        var result = await services.TwoFactor.Enrol(token, code, flow.ClientId, current?.Ticket, ct);
        if (result is { SignIn: { } signedIn, RecoveryCodes: { } codes })
        {
            await SaveSession(context, services, signedIn, current, ct);
            return TwoFactorChallengePage.RecoveryCodes(codes, $"{flow.Action}{flow.Next}");
        }

        return result.IsWrong
            ? await ShowChallenge(context, services, flow, new(token, TokenUse.Enrolment), TwoFactorChallengePage.Wrong, ct)
            : StartAgain(context, services, flow);
    }

    private static async Task<IResult> ShowChallenge(
        HttpContext context,
        AuthorizeEndpoint.Services services,
        SignInFlow flow,
        PendingTwoFactor pending,
        string? error,
        CancellationToken ct)
    {
        if (pending.Use == TokenUse.SecondStep)
        {
            return TwoFactorChallengePage.AskForCode(context, services.Forms, flow, pending.Token, error);
        }

        return await services.TwoFactor.StartEnrolment(pending.Token, ct) is { } secret
            ? TwoFactorChallengePage.AskToSetUp(context, services.Forms, flow, pending.Token, secret, services.Address, error)
            : StartAgain(context, services, flow);
    }

    private static Page StartAgain(HttpContext context, AuthorizeEndpoint.Services services, SignInFlow flow) =>
        SignInPage.Render(context, services.Forms, flow, username: null, TwoFactorChallengePage.Expired);

    /// <summary>Stores the session in the browser's cookie, and ends the session of another user that the browser had.</summary>
    private static async Task SaveSession(
        HttpContext context, AuthorizeEndpoint.Services services, SignInResult result, BrowserSession? current, CancellationToken ct)
    {
        if (current is not null && current.Ticket.SessionId != result.SessionId)
        {
            await services.EndSession.Handle(current.Ticket.AccountId, current.Ticket.SessionId, SessionEnd.AnotherSignedIn, ct);
        }

        services.Devices.Remember(context, result.Holder!.Id);
        var ticket = new SessionTicket(result.Holder.Id, result.SessionId, result.Holder.Generation, result.IsMultiFactor);
        await new BrowserSession(ticket, services.Clock.GetUtcNow().ToUnixTimeSeconds()).Save(context);
    }
}
