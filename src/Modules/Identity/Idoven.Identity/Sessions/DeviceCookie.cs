using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Idoven.Identity.Sessions;

/// <summary>
/// The cookie that says which accounts signed in on a browser before, encrypted with keys that all hosts share. It signs no user in: it
/// only spares the account's holder the delay that failed attempts from other devices cause.
/// </summary>
/// <param name="isSecure">Whether the host is reached by https.</param>
internal sealed class DeviceCookie(IDataProtectionProvider protection, TimeProvider clock, bool isSecure)
{
    private const int MaxAccounts = 5;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(180);
    private readonly string name = isSecure ? "__Host-idoven-device" : "idoven-device";
    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("idoven device").ToTimeLimitedDataProtector();

    /// <summary>Adds the account, whose holder has just signed in on this browser.</summary>
    public void Remember(HttpContext context, Guid account)
    {
        var before = Read(context);
        var accounts = (before?.Accounts ?? []).Where(other => other != account).Take(MaxAccounts - 1);
        var device = new KnownDevice(before?.Id ?? Guid.CreateVersion7(clock.GetUtcNow()), [account, .. accounts]);
        var value = protector.Protect(JsonSerializer.Serialize(device), clock.GetUtcNow() + Lifetime);
        context.Response.Cookies.Append(name, value, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = isSecure,
            MaxAge = Lifetime,
            Path = "/",
            IsEssential = true,
        });
    }

    /// <returns>Null if the request has no cookie, or one that has expired or that no host of ours made.</returns>
    public KnownDevice? Read(HttpContext context)
    {
        if (context.Request.Cookies[name] is not { } cookie)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<KnownDevice>(protector.Unprotect(cookie));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
