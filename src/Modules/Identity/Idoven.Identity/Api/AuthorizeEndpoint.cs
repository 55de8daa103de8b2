using Idoven.Identity.Api.Pages;
using Idoven.Identity.Application;
using Idoven.Shared.Http;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.Api;

/// <summary>
/// A client sends a person here to be signed in. OpenIddict has checked the client, its redirect URI, scopes and code challenge; what is left is
/// who the person is and whether they allow it. The pages carry the client's request in their forms and it is checked anew each time: there
/// is no address to return to that anybody could alter.
/// </summary>
internal static class AuthorizeEndpoint
{
    private const string Route = "/connect/authorize";

    public static void MapAuthorize(this IEndpointRouteBuilder app)
    {
        app.MapGet(Route, Ask).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(Route, Answer).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> Ask(HttpContext context, [AsParameters] Parts parts, CancellationToken ct)
    {
        if (context.GetOpenIddictServerResponse() is { Error: not null } refusal)
        {
            return ClientRequest.Refused(refusal);
        }

        var request = context.GetOpenIddictServerRequest()!;
        var isSilent = request.HasPromptValue(PromptValues.None);
        var session = await BrowserSession.Read(context);
        var result = session is null ? null : await parts.SignIn.Again(session.Ticket, request.GetScopes(), ct);
        if (result is null or { Refusal: SignInRefusal.InvalidGrant } || await MustSignIn(context, request, session!, parts.Clock.GetUtcNow()))
        {
            return isSilent
                ? Tokens.Refuse(Errors.LoginRequired, "Nobody is signed in who would do.")
                : SignInPage.Of(context, parts.Forms, request, await Name(parts, request, ct), request.LoginHint, error: null);
        }

        if (result.Holder is { } holder && (request.HasPromptValue(PromptValues.Consent) || !await parts.Consents.Cover(holder.Id, request.ClientId!, request.GetScopes(), ct)))
        {
            session!.Bind(context);
            return isSilent
                ? Tokens.Refuse(Errors.ConsentRequired, "The person has not allowed this yet.")
                : ConsentPage.Of(context, parts.Forms, request, await Name(parts, request, ct), holder.Username);
        }

        return Tokens.Issue(result, request.ClientId!, request.GetScopes(), session!.SignedInAt);
    }

    private static Task<IResult> Answer(HttpContext context, [AsParameters] Parts parts, CancellationToken ct) =>
        (context.GetOpenIddictServerResponse() is { Error: not null } ? null : context.Request.Form[Forms.Answer].ToString()) switch
        {
            SignInPage.SignIn => SignIn(context, parts, ct),
            SecondStepPage.Confirm => Step(context, parts, ct),
            SecondStepPage.SetUp => SetUp(context, parts, ct),
            ConsentPage.Allow => Decide(context, parts, isAllowed: true, ct),
            ConsentPage.Deny => Decide(context, parts, isAllowed: false, ct),
            _ => Ask(context, parts, ct), // A client may send its request as a form.
        };

    private static async Task<IResult> SignIn(HttpContext context, Parts parts, CancellationToken ct)
    {
        if (!await parts.Forms.IsOurs(context))
        {
            return Forms.Expired();
        }

        var request = context.GetOpenIddictServerRequest()!;
        var before = await BrowserSession.Read(context);
        var username = context.Request.Form[SignInPage.Username].ToString();
        try
        {
            var password = context.Request.Form[SignInPage.Password].ToString();
            var result = await parts.SignIn.InBrowser(username, password, request.ClientId!, before?.Ticket, AsksForSeveralFactors(request), ct);
            if (result.Step is { } step)
            {
                return await StepPage(context, parts, request, step, error: null, ct);
            }

            if (result.Holder is null)
            {
                return SignInPage.Of(context, parts.Forms, request, await Name(parts, request, ct), username, SignInPage.Wrong);
            }

            await Keep(context, parts, result, before, ct);
            return Results.LocalRedirect($"~{Route}{ClientRequest.AfterSignIn(request)}");
        }
        catch (TooManySignInsException)
        {
            return Forms.Overloaded(context);
        }
    }

    /// <summary>The code of the second factor.</summary>
    private static async Task<IResult> Step(HttpContext context, Parts parts, CancellationToken ct)
    {
        if (!await parts.Forms.IsOurs(context))
        {
            return Forms.Expired();
        }

        var request = context.GetOpenIddictServerRequest()!;
        var before = await BrowserSession.Read(context);
        var (token, code) = SecondStepPage.Sent(context);
        var result = await parts.SecondStep.Answer(token, code, request.ClientId!, before?.Ticket, ct);
        if (result.SignIn is { } signedIn)
        {
            await Keep(context, parts, signedIn, before, ct);
            return Results.LocalRedirect($"~{Route}{ClientRequest.AfterSignIn(request)}");
        }

        return result.IsWrong
            ? await StepPage(context, parts, request, new(token, TokenUse.SecondStep), SecondStepPage.Wrong, ct)
            : SignInPage.Of(context, parts.Forms, request, await Name(parts, request, ct), username: null, SecondStepPage.Over);
    }

    /// <summary>The first code of a second factor that has to be.</summary>
    private static async Task<IResult> SetUp(HttpContext context, Parts parts, CancellationToken ct)
    {
        if (!await parts.Forms.IsOurs(context))
        {
            return Forms.Expired();
        }

        var request = context.GetOpenIddictServerRequest()!;
        var before = await BrowserSession.Read(context);
        var (token, code) = SecondStepPage.Sent(context);
        var result = await parts.SecondStep.Enrol(token, code, request.ClientId!, before?.Ticket, ct);
        if (result is { SignIn: { } signedIn, RecoveryCodes: { } codes })
        {
            await Keep(context, parts, signedIn, before, ct);
            return SecondStepPage.RecoveryCodes(codes, $"authorize{ClientRequest.AfterSignIn(request)}");
        }

        return result.IsWrong
            ? await StepPage(context, parts, request, new(token, TokenUse.Enrolment), SecondStepPage.Wrong, ct)
            : SignInPage.Of(context, parts.Forms, request, await Name(parts, request, ct), username: null, SecondStepPage.Over);
    }

    private static async Task<IResult> StepPage(HttpContext context, Parts parts, OpenIddictRequest request, PendingStep step, string? error, CancellationToken ct)
    {
        if (step.Use == TokenUse.SecondStep)
        {
            return SecondStepPage.AskForCode(context, parts.Forms, request, step.Token, error);
        }

        return await parts.SecondStep.Offer(step.Token, ct) is { } offer
            ? SecondStepPage.AskToSetUp(context, parts.Forms, request, step.Token, offer, parts.Address, error)
            : SignInPage.Of(context, parts.Forms, request, await Name(parts, request, ct), username: null, SecondStepPage.Over);
    }

    /// <summary>One browser, one session: who signs in after another ends that one's.</summary>
    private static async Task Keep(HttpContext context, Parts parts, SignInResult result, BrowserSession? before, CancellationToken ct)
    {
        if (before is not null && before.Ticket.SessionId != result.SessionId)
        {
            await parts.EndSession.Handle(before.Ticket.AccountId, before.Ticket.SessionId, ct);
        }

        parts.Origin.Remember(context, result.Holder!.Id);
        var ticket = new SessionTicket(result.Holder.Id, result.SessionId, result.Holder.Generation, result.IsStrong);
        await new BrowserSession(ticket, parts.Clock.GetUtcNow().ToUnixTimeSeconds()).Keep(context);
    }

    private static async Task<IResult> Decide(HttpContext context, Parts parts, bool isAllowed, CancellationToken ct)
    {
        var session = await BrowserSession.Read(context);
        session?.Bind(context);
        if (!await parts.Forms.IsOurs(context))
        {
            return Forms.Expired();
        }

        if (!isAllowed)
        {
            return Tokens.Refuse(Errors.AccessDenied, "The person did not allow it.");
        }

        var request = context.GetOpenIddictServerRequest()!;
        if (session is null || await parts.SignIn.Again(session.Ticket, request.GetScopes(), ct) is not { Holder: { } holder } result)
        {
            return await Ask(context, parts, ct);
        }

        await parts.Consents.Give(holder.Id, request.ClientId!, request.GetScopes(), ct);
        return Tokens.Issue(result, request.ClientId!, request.GetScopes(), session.SignedInAt);
    }

    /// <summary>Whether the client wants another person than the one who is signed in, or to see anew that it is them.</summary>
    private static async Task<bool> MustSignIn(HttpContext context, OpenIddictRequest request, BrowserSession session, DateTimeOffset now)
    {
        var hint = (await context.AuthenticateAsync(Tokens.Scheme)).Principal?.GetClaim(Claims.Subject);
        return request.HasPromptValue(PromptValues.Login)
            || request.HasPromptValue(PromptValues.SelectAccount)
            || (AsksForSeveralFactors(request) && !session.Ticket.IsStrong)
            || (request.MaxAge is { } seconds && now.ToUnixTimeSeconds() - session.SignedInAt >= seconds)
            || (hint is not null && hint != session.Ticket.AccountId.ToString());
    }

    private static bool AsksForSeveralFactors(OpenIddictRequest request) => request.HasAcrValue(TokenClaims.SeveralFactors);

    private static async Task<string> Name(Parts parts, OpenIddictRequest request, CancellationToken ct) =>
        (await parts.Clients.Find(request.ClientId!, ct))?.Registration.Name ?? request.ClientId!;

    internal sealed record Parts(
        SignInHandler SignIn, SecondStepHandler SecondStep, EndSessionHandler EndSession, IConsents Consents, IClients Clients, Forms Forms,
        RequestOrigin Origin, PublicAddress Address, TimeProvider Clock);
}
