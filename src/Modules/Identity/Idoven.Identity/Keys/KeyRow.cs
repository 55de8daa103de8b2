
namespace Idoven.Identity.Keys;

/// <summary>Represents a key of the token server as it is stored, encrypted.</summary>
internal sealed record KeyRow(
    Guid Id, string Use, string Algorithm, DateTimeOffset CreatedAt, DateTimeOffset? ActivatedAt, DateTimeOffset? RetiredAt, byte[] Sealed)
{
    public const string Signing = "signing";
    public const string Encryption = "encryption";

    public Key Key => new(Id, Use == Signing ? KeyUse.Signing : KeyUse.Encryption, CreatedAt, ActivatedAt, RetiredAt);

    public static string Name(KeyUse use) => use == KeyUse.Signing ? Signing : Encryption;
}
