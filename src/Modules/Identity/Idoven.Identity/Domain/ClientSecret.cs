using System.Buffers.Text;
using System.Security.Cryptography;

namespace Idoven.Identity.Domain;

/// <summary>256 random bits: nobody guesses them, so a plain hash keeps them.</summary>
internal static class ClientSecret
{
    private const int Bytes = 32;

    public static string Make() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
}
