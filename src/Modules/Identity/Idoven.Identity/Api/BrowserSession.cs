using System.Globalization;
using System.Security.Claims;
using Idoven.Identity.Api.Pages;
using Idoven.Identity.Application;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Idoven.Identity.Api;

/// <summary>
/// Who a browser's cookie says is signed in. The cookie is sealed with keys that every host has, and says a session of the module's own:
/// whether that is still alive is for <c>SignInHandler.Again</c> to say, at every use.
/// </summary>
internal sealed record BrowserSession(SessionTicket Ticket, long SignedInAt)
{
    private const string Scheme = "browser";

    // A working day; a browser that is closed forgets it before.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    public static async Task<BrowserSession?> Read(HttpContext context) => (await context.AuthenticateAsync(Scheme)).Principal is { } cookie
        ? new BrowserSession(TokenClaims.Ticket(cookie), TokenClaims.SignedInAt(cookie))
        : null;

    public static Task Forget(HttpContext context) => context.SignOutAsync(Scheme);

    public Task Keep(HttpContext context) => context.SignInAsync(Scheme, Principal());

    /// <summary>Forms that are given out from now are this person's: sent by another, they are not ours.</summary>
    public void Bind(HttpContext context) => context.User = Principal();

    /// <summary>The cookie of the session and that of the forms.</summary>
    /// <param name="isSecure">Whether people reach the host by https: then no other host of the domain can plant a cookie.</param>
    public static void Add(IServiceCollection services, bool isSecure)
    {
        var prefix = isSecure ? "__Host-" : "";
        var secure = isSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        services.AddAuthentication().AddCookie(Scheme, options =>
        {
            options.Cookie.Name = $"{prefix}idoven-session";
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = secure;
            options.ExpireTimeSpan = Lifetime;
            options.SlidingExpiration = false;
        });
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = $"{prefix}idoven-form";
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = secure;
            options.FormFieldName = Forms.TokenField;
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
        .. TokenClaims.Methods(Ticket.IsStrong).Select(method => new Claim(Claims.AuthenticationMethodReference, method)),
    ], Scheme));
}
