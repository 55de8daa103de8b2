using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Idoven.Identity.TwoFactor;

/// <summary>
/// Codes of an authenticator app: TOTP (RFC 6238) over HOTP (RFC 4226) with HMAC-SHA-1, six digits, steps of 30 seconds: the values that every
/// app takes. SHA-1 is as good as any here: nothing is signed with it.
/// </summary>
internal static class Totp
{
    public const int Digits = 6;
    private const int SecretBytes = 20; // The length of the hash (RFC 4226, 4).
    private const int StepSeconds = 30;
    private const int Skew = 1; // The code of the step before and after counts too (RFC 6238, 5.2).
    private const int Modulus = 1_000_000;

    public static byte[] GenerateSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    public static string Code(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The apps compute this one and no other.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var value = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xf)..]) & int.MaxValue;
        return (value % Modulus).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <param name="lastStep">Of the last code that counted: neither it nor an earlier one counts again.</param>
    /// <returns>The step that the code is of; null where it does not count.</returns>
    public static long? Match(ReadOnlySpan<byte> secret, string code, DateTimeOffset now, long lastStep)
    {
        var typed = Encoding.ASCII.GetBytes(code);
        long? found = null;
        for (var step = Step(now) - Skew; step <= Step(now) + Skew; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(secret, step)), typed) && step > lastStep)
            {
                found ??= step;
            }
        }

        return found;
    }

    public static long Step(DateTimeOffset at) => at.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>What an authenticator app reads from a QR code or a link.</summary>
    /// <param name="service">Where the account is: the host that people sign in at.</param>
    public static string Uri(string service, string username, ReadOnlySpan<byte> secret) =>
        $"otpauth://totp/{System.Uri.EscapeDataString($"Idoven {service}")}:{System.Uri.EscapeDataString(username)}?secret={Base32.Encode(secret)}" +
        $"&issuer={System.Uri.EscapeDataString($"Idoven {service}")}&algorithm=SHA1&digits={Digits}&period={StepSeconds}";
}
