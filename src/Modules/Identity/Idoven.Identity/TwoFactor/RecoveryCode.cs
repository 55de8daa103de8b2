using System.Security.Cryptography;
using System.Text;

namespace Idoven.Identity.TwoFactor;

/// <summary>
/// Generates recovery codes, which users keep on paper in case the authenticator app or the password is lost. A code has 120 random bits,
/// which cannot be found by trying, so a plain hash of it is stored. It can be used once.
/// </summary>
internal static class RecoveryCode
{
    public const int Count = 10;
    private const int Bytes = 15;
    private const int GroupLength = 4;

    /// <summary>Returns a code such as <c>7qza-k2mf-xw3d-pn5t-h4rb-w6cy</c>.</summary>
    public static string Generate()
    {
        var characters = Base32.Encode(RandomNumberGenerator.GetBytes(Bytes)).ToLowerInvariant();
        return string.Join('-', characters.Chunk(GroupLength).Select(group => new string(group)));
    }

    /// <summary>Returns the SHA-256 hash of a code in base64. Hyphens, white space and case do not matter.</summary>
    public static string Hash(string code) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(code.Where(char.IsLetterOrDigit)).ToUpperInvariant())));
}
