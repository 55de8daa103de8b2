using System.Globalization;
using System.Text;

namespace Idoven.Identity.Accounts;

/// <summary>
/// Normalizes the username or e-mail address that a user signs in with. Both are ASCII; case and surrounding white space do not matter, and
/// an internationalized domain is converted to its ASCII form (RFC 5890). No Unicode has to be normalized, which this runtime could not do.
/// </summary>
internal static class LoginIdentifier
{
    private const int MaxLength = 254;
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <returns>The form that uniqueness is checked by; empty if the text cannot be an identifier, which no account has.</returns>
    public static string Normalize(string typed)
    {
        var text = typed.Trim();
        var domain = text.LastIndexOf('@') + 1;
        var ascii = domain == 0 || Ascii.IsValid(text) ? text : text[..domain] + ToAscii(text[domain..]);
        return ascii.Length is > 0 and <= MaxLength && ascii.All(character => character is >= ' ' and <= '~')
            ? ascii.ToUpperInvariant()
            : "";
    }

    private static string ToAscii(string domain)
    {
        try
        {
            return Idn.GetAscii(domain.ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return domain;
        }
    }
}
