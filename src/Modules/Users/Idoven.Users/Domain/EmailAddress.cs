using System.Globalization;
using System.Text;

namespace Idoven.Users.Domain;

/// <summary>
/// Parses e-mail addresses: a dot-atom and a domain of LDH labels (RFC 5321, 4.1.2; RFC 5322, 3.4.1). Quoted names, comments and IP
/// addresses are not accepted, because mail programs interpret them differently.
/// </summary>
internal static class EmailAddress
{
    public const int MaxLength = 254;

    private const int MaxLocalLength = 64;
    private const int MaxLabelLength = 63;
    private const string OtherAtomCharacters = "!#$%&'*+-/=?^_`{|}~";
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>
    /// Returns the address with its domain in ASCII (RFC 5890), which is used to send e-mail and which makes look-alike domains visible;
    /// null if the text is not an address.
    /// </summary>
    public static string? Parse(string text)
    {
        var at = text.LastIndexOf('@');
        if (at is < 1 or > MaxLocalLength || !IsDotAtom(text[..at]) || ToAscii(text[(at + 1)..]) is not { } domain)
        {
            return null;
        }

        var address = $"{text[..at]}@{domain}";
        return address.Length <= MaxLength && domain.Split('.').All(IsLabel) ? address : null;
    }

    private static bool IsDotAtom(string text) => text.Split('.').All(atom => atom.Length > 0 && atom.All(IsAtomCharacter));

    private static bool IsAtomCharacter(char character) =>
        char.IsAsciiLetterOrDigit(character) || OtherAtomCharacters.Contains(character, StringComparison.Ordinal);

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelLength
        && label[0] != '-'
        && label[^1] != '-'
        && label.All(character => char.IsAsciiLetterOrDigit(character) || character == '-');

    private static string? ToAscii(string domain)
    {
        try
        {
            return Ascii.IsValid(domain) ? domain : Idn.GetAscii(domain.ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
