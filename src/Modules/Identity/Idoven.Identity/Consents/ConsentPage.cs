using Idoven.Ecgs.Contracts;
using Idoven.Identity.Contracts;
using Idoven.Identity.Pages;
using Idoven.Identity.TokenServer.Endpoints;
using Idoven.Shared.Web.Authorization;
using Idoven.Users.Contracts;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;

namespace Idoven.Identity.Consents;

internal static class ConsentPage
{
    public const string Allow = "allow";
    public const string Deny = "deny";

    public static Page Render(
        HttpContext context, HtmlForms forms, OpenIddictRequest request, string client, string username) => new(
        $"Allow {client}?",
        $"""
         <p>You are signed in as <strong>{username}</strong>. <strong>{client}</strong> asks to:</p>
         <ul>
         {request.GetScopes().Order(StringComparer.Ordinal).Select(RenderScope)}
         </ul>
         <p class="soft">It sends you back to {request.RedirectUri}. Your consent is stored for the access that is listed here.</p>
         {forms.Render(
             context, "authorize", ClientRequest.Carry(request),
             $"{HtmlForms.Button(Allow, "Allow")}{HtmlForms.Button(Deny, "Do not allow", isSecond: true)}")}
         <p class="soft"><a href="authorize{ClientRequest.AsAnother(request).Value}">Sign in with another account</a></p>
         """,
        formTarget: ClientRequest.FormTarget(request.RedirectUri));

    public static Html RenderScope(string scope) => $"<li>{DescribeScope(scope)}</li>";

    private static string DescribeScope(string scope) => scope switch
    {
        IdentityScopes.OpenId => "know which account you have here",
        IdentityScopes.Account =>
            "manage your account: see and end your sign-ins, read its audit log, change its password and second factor",
        OpenIddictConstants.Scopes.Profile => "know your username",
        OpenIddictConstants.Scopes.OfflineAccess => "stay signed in while you are away",
        EcgsScopes.Read => "read your ECGs and their insights",
        EcgsScopes.Write => "upload and delete ECGs in your name",
        UsersScopes.Read => "read your user data and, if you administer users, those of others",
        UsersScopes.Write => "change your user data and, if you administer users, register and remove others",
        IdentityScopes.ManageClients => "register and remove API clients",
        AccessRules.OperationsScope => "see and replay messages that failed",
        _ => scope,
    };
}
