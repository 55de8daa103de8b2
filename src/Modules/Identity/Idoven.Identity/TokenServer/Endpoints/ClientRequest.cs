using System.Collections.Immutable;
using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Idoven.Identity.TwoFactor;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>Repeats the parameters of a client's request in the forms and links of the pages.</summary>
internal static class ClientRequest
{
    private static readonly string[] OwnFields =
    [
        HtmlForms.TokenField, HtmlForms.Answer, SignInPage.Username, SignInPage.Password,
        TwoFactorChallengePage.Token, TwoFactorChallengePage.Code,
    ];

    /// <summary>Returns every parameter of the client, without the fields of our own forms.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Carry(OpenIddictRequest request) =>
        from parameter in request.GetParameters()
        where !OwnFields.Contains(parameter.Key)
        from value in (ImmutableArray<string?>?)parameter.Value ?? []
        select KeyValuePair.Create(parameter.Key, value);

    /// <summary>Returns the request without the parameters that required the sign-in, which would require it again and again.</summary>
    public static QueryString AfterSignIn(OpenIddictRequest request) => WithPrompt(
        request, request.GetPromptValues().Except([PromptValues.Login, PromptValues.SelectAccount]),
        Parameters.MaxAge, Parameters.IdTokenHint);

    /// <summary>Returns the request for another user than the one that is signed in.</summary>
    public static QueryString AsAnother(OpenIddictRequest request) => WithPrompt(request, [PromptValues.Login], Parameters.LoginHint);

    /// <summary>Returns a redirect URI as a source of <c>form-action</c>, which browsers also apply to the redirect after a form.</summary>
    public static string? FormTarget(string? redirectUri) => !Uri.TryCreate(redirectUri, UriKind.Absolute, out var uri)
        ? null
        : uri.Scheme is "http" or "https" && uri.HostNameType != UriHostNameType.IPv6
            ? $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}"
            : $"{uri.Scheme}:";

    /// <summary>Renders an error that cannot be sent to the client, because it has no valid redirect URI. The page has no links.</summary>
    public static Page RenderError(OpenIddictResponse error) => new(
        "This link does not work",
        $"""
         <p>The application that sent you here made a request that is not valid: {error.ErrorDescription ?? "the reason is not known."}</p>
         <p>You were not sent back to the application, because it is not known here or has not registered the address to go back to. Nothing
         was changed; you were not signed in or out. Tell the operator of the application what this page says.</p>
         <p class="soft">Error: {error.Error}</p>
         """,
        StatusCodes.Status400BadRequest);

    private static QueryString WithPrompt(OpenIddictRequest request, IEnumerable<string> prompt, params string[] without)
    {
        var rest = Carry(request).Where(parameter => parameter.Key != Parameters.Prompt && !without.Contains(parameter.Key));
        var value = string.Join(' ', prompt);
        return QueryString.Create(value.Length == 0 ? rest : rest.Append(KeyValuePair.Create(Parameters.Prompt, (string?)value)));
    }
}
