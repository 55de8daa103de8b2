using Idoven.Identity.TokenServer.Endpoints;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;

namespace Idoven.Identity.SignIn;

/// <summary>
/// Represents what a sign-in page belongs to: the authorization request of a client, or the connection of a device. The pages carry it in
/// their forms, and the endpoint validates its request again when a form comes back.
/// </summary>
/// <param name="ClientId">The client that the session is listed under.</param>
/// <param name="Purpose">What the user continues to, as the page shows it.</param>
/// <param name="Action">The address that the form is sent to, relative to the page.</param>
/// <param name="Hidden">The request, as hidden fields of the form.</param>
/// <param name="Next">The query with which the flow continues after the sign-in.</param>
/// <param name="FormTarget">The address that the flow redirects to in the end; null if it ends on a page of this host.</param>
/// <param name="RequiresTwoFactor">Whether the flow requires a second factor of all users.</param>
internal sealed record SignInFlow(
    string ClientId,
    string Purpose,
    string Action,
    IEnumerable<KeyValuePair<string, string?>> Hidden,
    QueryString Next,
    string? FormTarget,
    bool RequiresTwoFactor = false)
{
    // Users sign in before the service says whether the device's code exists, and so before its client is known.
    private const string NoClientYet = "browser";

    public string Route => $"/connect/{Action}";

    public static SignInFlow ForClient(OpenIddictRequest request, string client) => new(
        request.ClientId!, client, "authorize", ClientRequest.Carry(request), ClientRequest.AfterSignIn(request),
        ClientRequest.FormTarget(request.RedirectUri), request.HasAcrValue(TokenClaims.SeveralFactors));

    public static SignInFlow ForDevice(string? userCode) => new(
        NoClientYet, "connect a device", "verify", [KeyValuePair.Create(OpenIddictConstants.Parameters.UserCode, userCode)],
        QueryString.Create(OpenIddictConstants.Parameters.UserCode, userCode ?? ""), FormTarget: null);
}
