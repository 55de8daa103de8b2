namespace Idoven.Identity.TwoFactor;

/// <summary>
/// Encodes bytes in base32 (RFC 4648, section 6) without padding: easy to read aloud, and the form that authenticator apps accept.
/// </summary>
internal static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int BitsOfByte = 8;
    private const int BitsOfCharacter = 5;

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[((bytes.Length * BitsOfByte) + BitsOfCharacter - 1) / BitsOfCharacter];
        for (var i = 0; i < text.Length; i++)
        {
            var (first, offset) = Math.DivRem(i * BitsOfCharacter, BitsOfByte);
            var pair = (bytes[first] << BitsOfByte) | (first + 1 < bytes.Length ? bytes[first + 1] : 0);
            text[i] = Alphabet[(pair >> ((2 * BitsOfByte) - BitsOfCharacter - offset)) & (Alphabet.Length - 1)];
        }

        return new string(text);
    }
}
