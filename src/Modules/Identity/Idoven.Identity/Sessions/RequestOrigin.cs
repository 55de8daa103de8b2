using System.Security.Cryptography;
using System.Text.Json;
using Idoven.Identity.SignIn;
using Idoven.Shared.Web;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.Sessions;

/// <summary>
/// The address a request comes from, and whether somebody signed in on its browser before: a cookie says so, sealed with keys that every host has. It
/// signs nobody in; it only spares its holder the wait that guessing elsewhere has earned.
/// </summary>
/// <param name="isSecure">Whether people reach the host by https.</param>
internal sealed class RequestOrigin(IHttpContextAccessor http, IDataProtectionProvider protection, TimeProvider clock, bool isSecure) : IOrigin
{
    private const int MostAccounts = 5;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);
    private readonly string cookieName = isSecure ? "__Host-idoven-device" : "idoven-device";
    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("idoven device").ToTimeLimitedDataProtector();

    public Origin Current => http.HttpContext is { } context ? new Origin(context.CallerNetwork(), Read(context)) : new Origin("", null);

    /// <summary>The account's holder has just signed in on this browser.</summary>
    public void Remember(HttpContext context, Guid account)
    {
        var before = Read(context);
        var device = new KnownDevice(before?.Id ?? Guid.CreateVersion7(clock.GetUtcNow()), [account, .. (before?.Accounts ?? []).Where(other => other != account).Take(MostAccounts - 1)]);
        context.Response.Cookies.Append(cookieName, protector.Protect(JsonSerializer.Serialize(device), clock.GetUtcNow() + Lifetime), new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = isSecure,
            MaxAge = Lifetime,
            Path = "/",
            IsEssential = true,
        });
    }

    private KnownDevice? Read(HttpContext context)
    {
        if (context.Request.Cookies[cookieName] is not { } cookie)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<KnownDevice>(protector.Unprotect(cookie));
        }
        catch (CryptographicException)
        {
            return null; // Over, or not ours.
        }
    }
}
