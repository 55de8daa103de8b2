using Idoven.Identity.TokenServer.Endpoints;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;

namespace Idoven.Identity.SignIn;

/// <summary>Where a person is asked to sign in, and for what: each place checks its own request anew when the form comes back to it.</summary>
/// <param name="ClientId">What the session is listed under.</param>
/// <param name="Purpose">What the person will continue to.</param>
/// <param name="Action">Where the form goes, relative to the page.</param>
/// <param name="Hidden">The request, as the form carries it on.</param>
/// <param name="Next">Where it goes on from there, once the person has signed in.</param>
/// <param name="FormTarget">Where that may lead in the end.</param>
/// <param name="MustBeStrong">Whether a second factor is asked of everybody here.</param>
internal sealed record SignInPlace(
    string ClientId, string Purpose, string Action, IEnumerable<KeyValuePair<string, string?>> Hidden, QueryString Next, string? FormTarget, bool MustBeStrong = false)
{
    // People sign in here before the service says whether there is such a code, and so whose it is.
    private const string NoClientYet = "browser";

    public string Route => $"/connect/{Action}";

    public static SignInPlace OfClient(OpenIddictRequest request, string client) => new(
        request.ClientId!, client, "authorize", ClientRequest.Carry(request), ClientRequest.AfterSignIn(request), ClientRequest.FormTarget(request.RedirectUri),
        request.HasAcrValue(TokenClaims.SeveralFactors));

    public static SignInPlace OfDevice(string? userCode) => new(
        NoClientYet, "connect a device", "verify", [KeyValuePair.Create(OpenIddictConstants.Parameters.UserCode, userCode)],
        QueryString.Create(OpenIddictConstants.Parameters.UserCode, userCode ?? ""), FormTarget: null);
}
