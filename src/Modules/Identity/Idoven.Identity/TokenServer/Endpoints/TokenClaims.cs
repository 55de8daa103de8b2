using System.Collections.Immutable;
using System.Globalization;
using System.Security.Claims;
using Idoven.Identity.SignIn;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>The claims that the token server adds to the standard ones.</summary>
internal static class TokenClaims
{
    public const string Session = "sid";
    public const string Generation = "gen";

    /// <summary>The generation of the client that a user's token was issued to.</summary>
    public const string ClientGeneration = "cgen";

    /// <summary>The user's consent for the client; absent if no consent was necessary.</summary>
    public const string Consent = "consent";

    /// <summary>
    /// The value of <c>acr</c> and one of <c>amr</c> after a multi-factor sign-in; a client requests it with <c>acr_values</c>.
    /// </summary>
    public const string SeveralFactors = "mfa";

    private const string AuthenticationMethods = "amr";
    private const string Subject = "sub";
    private const string AuthenticationTime = "auth_time";

    public static SessionTicket Ticket(ClaimsPrincipal principal) => new(
        Guid.Parse(principal.FindFirstValue(Subject)),
        Guid.Parse(principal.FindFirstValue(Session)),
        int.Parse(principal.FindFirstValue(Generation), CultureInfo.InvariantCulture),
        principal.FindAll(AuthenticationMethods).Any(method => method.Value == SeveralFactors));

    public static Guid? ReadConsent(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirst(Consent)?.Value, out var id) ? id : null;

    /// <summary>Returns the authentication methods of a sign-in (RFC 8176).</summary>
    public static ImmutableArray<string> Methods(bool isMultiFactor) => isMultiFactor ? ["pwd", "otp", SeveralFactors] : ["pwd"];

    /// <summary>Returns the time of the sign-in, in seconds since 1970.</summary>
    public static long SignedInAt(ClaimsPrincipal principal) =>
        long.Parse(principal.FindFirstValue(AuthenticationTime), CultureInfo.InvariantCulture);

    private static string FindFirstValue(this ClaimsPrincipal principal, string name) => principal.FindFirst(name)!.Value;
}
