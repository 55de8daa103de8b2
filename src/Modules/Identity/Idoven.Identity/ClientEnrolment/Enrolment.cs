using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Idoven.Identity.ClientEnrolment;

/// <summary>Represents a new enrolment token: 256 random bits, of which only the hash is stored.</summary>
/// <param name="Token">The token in base64url; it cannot be read again.</param>
internal sealed record Enrolment(string Token, DateTimeOffset ExpiresAt)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);
    private const int TokenBytes = 32;

    public string TokenHash => ComputeHash(Token);

    public static Enrolment Issue(DateTimeOffset now) =>
        new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes)), now + Lifetime);

    /// <returns>SHA-256, in base64.</returns>
    public static string ComputeHash(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
