using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Idoven.Identity.TwoFactor;

/// <summary>
/// Computes the codes of an authenticator app: TOTP (RFC 6238) over HOTP (RFC 4226) with HMAC-SHA-1, six digits and steps of 30 seconds,
/// which all apps support. The known attacks on SHA-1 find collisions and do not affect HMAC.
/// </summary>
internal static class Totp
{
    public const int Digits = 6;
    private const int SecretBytes = 20; // The length of the hash (RFC 4226, 4).
    private const int StepSeconds = 30;
    private const int Skew = 1; // The codes of the previous and the next step are valid too (RFC 6238, 5.2).
    private const int Modulus = 1_000_000;

    public static byte[] GenerateSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    public static string Code(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // The apps support only this algorithm.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var value = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xf)..]) & int.MaxValue;
        return (value % Modulus).ToString("D6", CultureInfo.InvariantCulture);
    }

    /// <param name="lastStep">The step of the last accepted code: codes of this step and earlier ones are rejected.</param>
    /// <returns>The step of the code; null if the code is not valid.</returns>
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

    /// <summary>Returns the otpauth URI that an authenticator app reads from a QR code or a link.</summary>
    /// <param name="service">The name of the service: the host that users sign in at.</param>
    public static string Uri(string service, string username, ReadOnlySpan<byte> secret) =>
        $"otpauth://totp/{System.Uri.EscapeDataString($"Idoven {service}")}:{System.Uri.EscapeDataString(username)}" +
        $"?secret={Base32.Encode(secret)}&issuer={System.Uri.EscapeDataString($"Idoven {service}")}" +
        $"&algorithm=SHA1&digits={Digits}&period={StepSeconds}";
}
