using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Idoven.Shared.Web;

/// <summary>
/// The preference <c>wait</c> of the header <c>Prefer</c> (RFC 7240): the time that a client prefers to wait for the result.
/// </summary>
public static class PreferHeader
{
    /// <summary>The longest wait in seconds. A longer one is reduced to this.</summary>
    public const int MaxWaitSeconds = 30;

    /// <returns>The wait; null if the header has none, or if it is not a number of seconds: a preference may be ignored.</returns>
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
