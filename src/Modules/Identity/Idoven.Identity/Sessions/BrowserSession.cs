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
/// Who a browser's cookie says is signed in. The cookie is sealed with keys that every host has, and says a session of the module's own:
/// whether that is still alive is for <c>SignInHandler.Again</c> to say, at every use.
/// </summary>
internal sealed record BrowserSession(SessionTicket Ticket, long SignedInAt)
{
    private const string Scheme = "browser";

    // A working day; a browser that is closed forgets it before.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);
    private static readonly TimeSpan DefaultIdleLimit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan ShortestIdleLimit = TimeSpan.FromMinutes(1);

    /// <summary>Gets the session of the request's cookie; null without a cookie, or if it is too old or was unused for too long.</summary>
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

    /// <summary>Reads how long a browser may be unused before its person has to sign in again.</summary>
    /// <returns>Null if it is not a time from a minute to twelve hours.</returns>
    public static TimeSpan? ReadIdleLimit(string? setting) => setting is null
        ? DefaultIdleLimit
        : TimeSpan.TryParse(setting, CultureInfo.InvariantCulture, out var value) && value >= ShortestIdleLimit && value <= Lifetime
            ? value
            : null;

    public static Task Forget(HttpContext context) => context.SignOutAsync(Scheme);

    public Task Save(HttpContext context) => context.SignInAsync(Scheme, Principal());

    /// <summary>Forms that are given out from now are this person's: sent by another, they are not ours.</summary>
    public void Bind(HttpContext context) => context.User = Principal();

    /// <summary>The cookie of the session and that of the forms.</summary>
    /// <param name="services">Takes both.</param>
    /// <param name="isSecure">Whether people reach the host by https: then no other host of the domain can plant a cookie.</param>
    /// <param name="idleLimit">How long a browser may be unused. The cookie is renewed after half of it.</param>
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
