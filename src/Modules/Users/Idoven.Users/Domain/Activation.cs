using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Idoven.Users.Domain;

/// <summary>
/// Represents a one-time activation token of 256 random bits, which is shown once. Only its hash is sent to Identity and stored there.
/// </summary>
internal sealed record Activation(string Token, DateTimeOffset ExpiresAt)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(72);
    private const int TokenBytes = 32;

    /// <summary>Gets the SHA-256 of the token in base64.</summary>
    public string TokenHash => Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(Token)));

    /// <summary>Gets the path of the page on which the user chooses a password, relative to the service.</summary>
    public string Path => $"account/activate?token={Token}";

    public static Activation Issue(DateTimeOffset now) =>
        new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes)), now + Lifetime);
}
