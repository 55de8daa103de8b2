using System.Globalization;
using System.Security.Claims;

namespace Idoven.Identity.Application;

/// <summary>What every token of ours says beside the standard's claims.</summary>
internal static class TokenClaims
{
    public const string Session = "sid";
    public const string Generation = "gen";

    /// <summary>Of the client that a person's token was given to.</summary>
    public const string ClientGeneration = "cgen";

    private const string Subject = "sub";
    private const string AuthenticationTime = "auth_time";

    public static SessionTicket Ticket(ClaimsPrincipal principal) => new(
        Guid.Parse(principal.FindFirstValue(Subject)),
        Guid.Parse(principal.FindFirstValue(Session)),
        int.Parse(principal.FindFirstValue(Generation), CultureInfo.InvariantCulture));

    /// <summary>When the person showed that they are it, in seconds since 1970.</summary>
    public static long SignedInAt(ClaimsPrincipal principal) => long.Parse(principal.FindFirstValue(AuthenticationTime), CultureInfo.InvariantCulture);

    private static string FindFirstValue(this ClaimsPrincipal principal, string name) => principal.FindFirst(name)!.Value;
}
