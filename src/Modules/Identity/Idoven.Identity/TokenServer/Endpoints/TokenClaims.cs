using System.Collections.Immutable;
using System.Globalization;
using System.Security.Claims;
using Idoven.Identity.SignIn;

namespace Idoven.Identity.TokenServer.Endpoints;

/// <summary>What every token of ours says beside the standard's claims.</summary>
internal static class TokenClaims
{
    public const string Session = "sid";
    public const string Generation = "gen";

    /// <summary>Of the client that a person's token was given to.</summary>
    public const string ClientGeneration = "cgen";

    /// <summary>What the person allowed the client that a token was given to; absent where nobody had to be asked.</summary>
    public const string Consent = "consent";

    /// <summary>In <c>amr</c> of whoever showed a second factor; <c>acr_values</c> asks for it, and <c>acr</c> says so.</summary>
    public const string SeveralFactors = "mfa";

    private const string AuthenticationMethods = "amr";
    private const string Subject = "sub";
    private const string AuthenticationTime = "auth_time";

    public static SessionTicket Ticket(ClaimsPrincipal principal) => new(
        Guid.Parse(principal.FindFirstValue(Subject)),
        Guid.Parse(principal.FindFirstValue(Session)),
        int.Parse(principal.FindFirstValue(Generation), CultureInfo.InvariantCulture),
        principal.FindAll(AuthenticationMethods).Any(method => method.Value == SeveralFactors));

    public static Guid? ConsentOf(ClaimsPrincipal principal) => Guid.TryParse(principal.FindFirst(Consent)?.Value, out var id) ? id : null;

    /// <summary>How a person showed that they are it, in the words of RFC 8176.</summary>
    public static ImmutableArray<string> Methods(bool isStrong) => isStrong ? ["pwd", "otp", SeveralFactors] : ["pwd"];

    /// <summary>When the person showed that they are it, in seconds since 1970.</summary>
    public static long SignedInAt(ClaimsPrincipal principal) => long.Parse(principal.FindFirstValue(AuthenticationTime), CultureInfo.InvariantCulture);

    private static string FindFirstValue(this ClaimsPrincipal principal, string name) => principal.FindFirst(name)!.Value;
}
