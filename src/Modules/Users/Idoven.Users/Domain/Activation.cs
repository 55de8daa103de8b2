using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Idoven.Users.Domain;

/// <summary>A one-time activation token: 256 random bits, shown once. Only its hash travels and is kept, and only by Identity.</summary>
internal sealed record Activation(string Token, DateTimeOffset ExpiresAt)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);
    private const int TokenBytes = 32;

    /// <summary>SHA-256 of the token, base64.</summary>
    public string TokenHash => Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(Token)));

    /// <summary>The page on which its holder chooses a password, relative to the service.</summary>
    public string Path => $"account/activate?token={Token}";

    public static Activation Issue(DateTimeOffset now) => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes)), now + Lifetime);
}
