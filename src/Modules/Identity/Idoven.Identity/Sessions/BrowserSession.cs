using System.Globalization;
using System.Security.Claims;
using Idoven.Identity.Pages;
using Idoven.Identity.SignIn;
using Idoven.Identity.TokenServer.Endpoints;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.Sessions;

/// <summary>
/// Represents the session that a browser's cookie names. The cookie is encrypted with keys that all hosts share.
/// <c>SignInHandler.ResumeSession</c> checks at every use whether the session is still valid.
/// </summary>
internal sealed record BrowserSession(SessionTicket Ticket, long SignedInAt)
{
    private const string Scheme = "browser";

    // A working day. Browsers delete the cookie earlier, when they are closed.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);
    private static readonly TimeSpan DefaultIdleLimit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ShortestIdleLimit = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets the session of the request's cookie; null if there is no cookie, or it is too old or was unused for too long.
    /// </summary>
    public static async Task<BrowserSession?> Read(HttpContext context)
    {
        if ((await context.AuthenticateAsync(Scheme)).Principal is not { } cookie)
        {
            return null;
        }

        var session = new BrowserSession(TokenClaims.Ticket(cookie), TokenClaims.SignedInAt(cookie));
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        return now - DateTimeOffset.FromUnixTimeSeconds(session.SignedInAt) < Lifetime ? session : null;
    }

    /// <summary>Reads how long a browser may be unused before its user has to sign in again.</summary>
    /// <returns>Null if the setting is not a time span from one minute to twelve hours.</returns>
    public static TimeSpan? ReadIdleLimit(string? setting) => setting is null
        ? DefaultIdleLimit
        : TimeSpan.TryParse(setting, CultureInfo.InvariantCulture, out var value) && value >= ShortestIdleLimit && value <= Lifetime
            ? value
            : null;

    public static Task Forget(HttpContext context) => context.SignOutAsync(Scheme);

    public Task Save(HttpContext context) => context.SignInAsync(Scheme, Principal());

    /// <summary>Binds the forms of this response to the user of the session: the form of another user is rejected.</summary>
    public void Bind(HttpContext context) => context.User = Principal();

    /// <summary>Adds the cookie of the session and the antiforgery cookie of the forms.</summary>
    /// <param name="isSecure">Whether the host is reached by https: then no other host of the domain can set the cookies.</param>
    /// <param name="idleLimit">How long a browser may be unused. The cookie is renewed after half of that time.</param>
    public static void Add(IServiceCollection services, bool isSecure, TimeSpan idleLimit)
    {
        var prefix = isSecure ? "__Host-" : "";
        var secure = isSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        services.AddAuthentication().AddCookie(Scheme, options =>
        {
            options.Cookie.Name = $"{prefix}idoven-session";
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = secure;
            options.ExpireTimeSpan = idleLimit;
            options.SlidingExpiration = true;
        });
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = $"{prefix}idoven-form";
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = secure;
            options.FormFieldName = HtmlForms.TokenField;
            options.HeaderName = null;
            options.SuppressXFrameOptionsHeader = true;
        });
    }

    private ClaimsPrincipal Principal() => new(new ClaimsIdentity(
    [
        new(Claims.Subject, Ticket.AccountId.ToString()),
        new(TokenClaims.Session, Ticket.SessionId.ToString()),
        new(TokenClaims.Generation, Ticket.Generation.ToString(CultureInfo.InvariantCulture)),
        new(Claims.AuthenticationTime, SignedInAt.ToString(CultureInfo.InvariantCulture)),
        .. TokenClaims.Methods(Ticket.IsMultiFactor).Select(method => new Claim(Claims.AuthenticationMethodReference, method)),
    ], Scheme));
}
