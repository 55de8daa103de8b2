using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Idoven.Identity.Clients;

/// <summary>
/// Creates client secrets: <c>idvs_</c>, 43 digits of base 62 for 256 random bits, and six digits for the CRC-32 of those 43, so
/// <c>idvs_[0-9A-Za-z]{49}</c>. The bits cannot be guessed, so a plain hash is enough to store them. With prefix and checksum a scanner
/// finds leaked secrets without false positives, and a typing error is found without a request to the service.
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
        var random = ToBase62(new BigInteger(RandomNumberGenerator.GetBytes(Bytes), isUnsigned: true), RandomDigits);
        return Prefix + random + ComputeChecksum(random);
    }

    /// <summary>
    /// Returns whether prefix, length and checksum are right. Secrets of earlier versions, without the prefix, are not intact.
    /// </summary>
    public static bool IsIntact(string text) =>
        text.Length == Prefix.Length + RandomDigits + ChecksumDigits
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.EndsWith(ComputeChecksum(text[Prefix.Length..^ChecksumDigits]), StringComparison.Ordinal);

    private static string ComputeChecksum(string random) => ToBase62(ComputeCrc32(Encoding.UTF8.GetBytes(random)), ChecksumDigits);

    private static string ToBase62(BigInteger value, int length)
    {
        var text = new char[length];
        for (var i = length - 1; i >= 0; i--)
        {
            value = BigInteger.DivRem(value, Digits.Length, out var digit);
            text[i] = Digits[(int)digit];
        }

        return new string(text);
    }

    // The CRC of zip and PNG (ISO 3309), which the libraries of most languages compute.
    private static uint ComputeCrc32(ReadOnlySpan<byte> bytes)
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
