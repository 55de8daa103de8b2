using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web;

/// <summary>The preference <c>wait</c> of the header <c>Prefer</c> (RFC 7240): how long a client would rather wait than come back.</summary>
public static class PreferHeader
{
    /// <summary>Longer wishes are cut to this.</summary>
    public const int MaxWaitSeconds = 30;

    /// <returns>The wait; null where none is wished, or it is no number of seconds: a preference may be ignored.</returns>
    public static TimeSpan? Wait(HttpRequest request)
    {
        foreach (var preference in request.Headers["Prefer"].SelectMany(line => (line ?? "").Split(',')))
        {
            var parts = preference.Split(';')[0].Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts is [var name, var value] && name.Equals("wait", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(value.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return TimeSpan.FromSeconds(Math.Min(seconds, MaxWaitSeconds));
            }
        }

        return null;
    }
}
