using System.Globalization;
using System.Text;

namespace Idoven.Identity.Accounts;

/// <summary>
/// What a person types to say who they are: a username or an e-mail address. Both are ASCII; case and blanks around make no other one, and an
/// internationalised domain is its ASCII form (RFC 5890). So nothing has to be folded that this runtime, which normalises no Unicode, could not fold.
/// </summary>
internal static class LoginIdentifier
{
    private const int MaxLength = 254;
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <returns>What uniqueness is judged by; empty for what cannot be an identifier, and so is nobody's.</returns>
    public static string Normalize(string typed)
    {
        var text = typed.Trim();
        var domain = text.LastIndexOf('@') + 1;
        var ascii = domain == 0 || Ascii.IsValid(text) ? text : text[..domain] + InAscii(text[domain..]);
        return ascii.Length is > 0 and <= MaxLength && ascii.All(character => character is >= ' ' and <= '~') ? ascii.ToUpperInvariant() : "";
    }

    private static string InAscii(string domain)
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
