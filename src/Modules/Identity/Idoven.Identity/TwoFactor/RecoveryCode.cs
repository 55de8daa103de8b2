using System.Security.Cryptography;
using System.Text;

namespace Idoven.Identity.TwoFactor;

/// <summary>
/// What a person keeps on paper for the day on which the authenticator or the password is lost: 120 random bits, good once. Nobody guesses
/// them, so a plain hash keeps them.
/// </summary>
internal static class RecoveryCode
{
    public const int Count = 10;
    private const int Bytes = 15;
    private const int GroupLength = 4;

    /// <summary>Such as <c>7qza-k2mf-xw3d-pn5t-h4rb-w6cy</c>.</summary>
    public static string Generate() => string.Join('-', Base32.Encode(RandomNumberGenerator.GetBytes(Bytes)).ToLowerInvariant().Chunk(GroupLength).Select(group => new string(group)));

    /// <summary>SHA-256, base64; hyphens, blanks and capitals are not part of a code.</summary>
    public static string Hash(string code) =>
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(code.Where(char.IsLetterOrDigit)).ToUpperInvariant())));
}
