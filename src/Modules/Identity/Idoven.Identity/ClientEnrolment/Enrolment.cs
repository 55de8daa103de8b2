using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Idoven.Identity.ClientEnrolment;

/// <summary>What a new client gets its credential with, once: 256 random bits, of which only the hash is stored.</summary>
/// <param name="Token">In base64url; shown once.</param>
internal sealed record Enrolment(string Token, DateTimeOffset ExpiresAt)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);
    private const int TokenBytes = 32;

    public string TokenHash => HashOf(Token);

    public static Enrolment Issue(DateTimeOffset now) =>
        new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes)), now + Lifetime);

    /// <returns>SHA-256, in base64.</returns>
    public static string HashOf(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
