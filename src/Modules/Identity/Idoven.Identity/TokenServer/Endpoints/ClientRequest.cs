using System.Collections.Immutable;
using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Idoven.Identity.TwoFactor;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>What a client asked for, as the pages carry it on.</summary>
internal static class ClientRequest
{
    private static readonly string[] OurFields = [HtmlForms.TokenField, HtmlForms.Answer, SignInPage.Username, SignInPage.Password, TwoFactorChallengePage.Token, TwoFactorChallengePage.Code];

    /// <summary>Every parameter as it came; what our own forms add is left out.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Carry(OpenIddictRequest request) =>
        from parameter in request.GetParameters()
        where !OurFields.Contains(parameter.Key)
        from value in (ImmutableArray<string?>?)parameter.Value ?? []
        select KeyValuePair.Create(parameter.Key, value);

    /// <summary>The same request once the person has signed in for it: what made them sign in would do so for ever.</summary>
    public static QueryString AfterSignIn(OpenIddictRequest request) => WithPrompt(
        request, request.GetPromptValues().Except([PromptValues.Login, PromptValues.SelectAccount]), Parameters.MaxAge, Parameters.IdTokenHint);

    /// <summary>The same request for another person than the one who is signed in.</summary>
    public static QueryString AsAnother(OpenIddictRequest request) => WithPrompt(request, [PromptValues.Login], Parameters.LoginHint);

    /// <summary>A redirect URI as a source of <c>form-action</c>: browsers hold the redirect after a form against it too.</summary>
    public static string? FormTarget(string? redirectUri) => !Uri.TryCreate(redirectUri, UriKind.Absolute, out var uri)
        ? null
        : uri.Scheme is "http" or "https" && uri.HostNameType != UriHostNameType.IPv6
            ? $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}"
            : $"{uri.Scheme}:";

    /// <summary>The client's request cannot be answered to the client: the page says so, and leads nowhere.</summary>
    public static Page Refused(OpenIddictResponse refusal) => new(
        "This link does not work",
        $"""
         <p>The application that sent you here asked in a way that cannot be answered: {refusal.ErrorDescription ?? "the request is not valid."}</p>
         <p>You were not sent back to it, because the address to go back to is not one that it has registered, or the application is not known here. Nothing
         was changed; nobody was signed in or out. Tell whoever runs the application what this page says.</p>
         <p class="soft">Error: {refusal.Error}</p>
         """,
        StatusCodes.Status400BadRequest);

    private static QueryString WithPrompt(OpenIddictRequest request, IEnumerable<string> prompt, params string[] without)
    {
        var rest = Carry(request).Where(parameter => parameter.Key != Parameters.Prompt && !without.Contains(parameter.Key));
        var value = string.Join(' ', prompt);
        return QueryString.Create(value.Length == 0 ? rest : rest.Append(KeyValuePair.Create(Parameters.Prompt, (string?)value)));
    }
}
