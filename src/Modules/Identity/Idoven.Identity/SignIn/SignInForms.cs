using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Pages;
using Idoven.Identity.Sessions;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Identity.TwoFactor;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.SignIn;

/// <summary>What a person answers until they are signed in: a password, the code of a second factor, or the first one of a factor that has to be.</summary>
internal static class SignInForms
{
    public static bool Are(string answer) => answer is SignInPage.SignIn or TwoFactorChallengePage.Confirm or TwoFactorChallengePage.SetUp;

    /// <param name="flow">Where the form came back to, and goes on from.</param>
    /// <param name="answer">One that <see cref="Are"/> says is of these.</param>
    public static async Task<IResult> Handle(HttpContext context, AuthorizeEndpoint.Services parts, SignInFlow flow, string answer, CancellationToken ct)
    {
        if (!await parts.Forms.IsOurs(context))
        {
            return HtmlForms.Expired();
        }

        var before = await BrowserSession.Read(context);
        try
        {
            return await (answer switch
            {
                TwoFactorChallengePage.Confirm => Confirm(context, parts, flow, before, ct),
                TwoFactorChallengePage.SetUp => SetUp(context, parts, flow, before, ct),
                _ => SignIn(context, parts, flow, before, ct),
            });
        }
        catch (TooManySignInsException)
        {
            return HtmlForms.Overloaded(context);
        }
    }

    private static async Task<IResult> SignIn(HttpContext context, AuthorizeEndpoint.Services parts, SignInFlow flow, BrowserSession? before, CancellationToken ct)
    {
        var (username, password) = (context.Request.Form[SignInPage.Username].ToString(), context.Request.Form[SignInPage.Password].ToString());
        var result = await parts.SignIn.InBrowser(username, password, flow.ClientId, before?.Ticket, flow.RequiresTwoFactor, ct);
        if (result.Step is { } step)
        {
            return await Step(context, parts, flow, step, error: null, ct);
        }

        if (result.Holder is null)
        {
            return SignInPage.Render(context, parts.Forms, flow, username, SignInPage.Wrong);
        }

        await SaveSession(context, parts, result, before, ct);
        return Results.LocalRedirect($"~{flow.Route}{flow.Next}");
    }

    private static async Task<IResult> Confirm(HttpContext context, AuthorizeEndpoint.Services parts, SignInFlow flow, BrowserSession? before, CancellationToken ct)
    {
        var (token, code) = TwoFactorChallengePage.Sent(context);
        var result = await parts.SecondStep.Answer(token, code, flow.ClientId, before?.Ticket, ct);
        if (result.SignIn is { } signedIn)
        {
            await SaveSession(context, parts, signedIn, before, ct);
            return Results.LocalRedirect($"~{flow.Route}{flow.Next}");
        }

        return result.IsWrong ? await Step(context, parts, flow, new(token, TokenUse.SecondStep), TwoFactorChallengePage.Wrong, ct) : Over(context, parts, flow);
    }

    private static async Task<IResult> SetUp(HttpContext context, AuthorizeEndpoint.Services parts, SignInFlow flow, BrowserSession? before, CancellationToken ct)
    {
        var (token, code) = TwoFactorChallengePage.Sent(context);
        var result = await parts.SecondStep.Enrol(token, code, flow.ClientId, before?.Ticket, ct);
        if (result is { SignIn: { } signedIn, RecoveryCodes: { } codes })
        {
            await SaveSession(context, parts, signedIn, before, ct);
            return TwoFactorChallengePage.RecoveryCodes(codes, $"{flow.Action}{flow.Next}");
        }

        return result.IsWrong ? await Step(context, parts, flow, new(token, TokenUse.Enrolment), TwoFactorChallengePage.Wrong, ct) : Over(context, parts, flow);
    }

    private static async Task<IResult> Step(
        HttpContext context, AuthorizeEndpoint.Services parts, SignInFlow flow, PendingTwoFactor step, string? error, CancellationToken ct)
    {
        if (step.Use == TokenUse.SecondStep)
        {
            return TwoFactorChallengePage.AskForCode(context, parts.Forms, flow, step.Token, error);
        }

        return await parts.SecondStep.Offer(step.Token, ct) is { } offer
            ? TwoFactorChallengePage.AskToSetUp(context, parts.Forms, flow, step.Token, offer, parts.Address, error)
            : Over(context, parts, flow);
    }

    private static Page Over(HttpContext context, AuthorizeEndpoint.Services parts, SignInFlow flow) =>
        SignInPage.Render(context, parts.Forms, flow, username: null, TwoFactorChallengePage.Over);

    /// <summary>One browser, one session: who signs in after another ends that one's.</summary>
    private static async Task SaveSession(HttpContext context, AuthorizeEndpoint.Services parts, SignInResult result, BrowserSession? before, CancellationToken ct)
    {
        if (before is not null && before.Ticket.SessionId != result.SessionId)
        {
            await parts.EndSession.Handle(before.Ticket.AccountId, before.Ticket.SessionId, SessionEnd.AnotherSignedIn, ct);
        }

        parts.Devices.Remember(context, result.Holder!.Id);
        var ticket = new SessionTicket(result.Holder.Id, result.SessionId, result.Holder.Generation, result.IsMultiFactor);
        await new BrowserSession(ticket, parts.Clock.GetUtcNow().ToUnixTimeSeconds()).Save(context);
    }
}
