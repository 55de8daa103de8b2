using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Idoven.Identity.Clients;

/// <summary>
/// <c>idvs_</c>, 43 digits of base 62 for 256 random bits, and six for the CRC-32 of those 43: <c>idvs_[0-9A-Za-z]{49}</c>. Nobody guesses
/// the bits, so a plain hash keeps them; by prefix and checksum a scanner finds a leaked one and takes nothing else for one, and whoever
/// typed one finds a slip without asking the service.
/// </summary>
internal static class ClientSecret
{
    private const string Prefix = "idvs_";
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Bytes = 32;
    private const int RandomDigits = 43;
    private const int ChecksumDigits = 6;

    public static string Generate()
    {
        var random = Base62(new BigInteger(RandomNumberGenerator.GetBytes(Bytes), isUnsigned: true), RandomDigits);
        return Prefix + random + Checksum(random);
    }

    /// <returns>Whether it is, to the last character, one that was made here: a secret from before there was a prefix is not.</returns>
    public static bool IsIntact(string text) =>
        text.Length == Prefix.Length + RandomDigits + ChecksumDigits
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.EndsWith(Checksum(text[Prefix.Length..^ChecksumDigits]), StringComparison.Ordinal);

    private static string Checksum(string random) => Base62(Crc32(Encoding.UTF8.GetBytes(random)), ChecksumDigits);

    private static string Base62(BigInteger value, int length)
    {
        var text = new char[length];
        for (var i = length - 1; i >= 0; i--)
        {
            value = BigInteger.DivRem(value, Digits.Length, out var digit);
            text[i] = Digits[(int)digit];
        }

        return new string(text);
    }

    // The CRC of zip and PNG (ISO 3309), which every language has at hand.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        const uint polynomial = 0xEDB88320;
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * polynomial);
            }
        }

        return ~crc;
    }
}
