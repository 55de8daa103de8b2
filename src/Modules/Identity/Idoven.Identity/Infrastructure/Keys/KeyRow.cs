namespace Idoven.Identity.Infrastructure.Keys;

/// <summary>A key of the token server, sealed.</summary>
internal sealed record KeyRow(Guid Id, string Use, string Algorithm, DateTimeOffset CreatedAt, byte[] Sealed)
{
    public const string Signing = "signing";
    public const string Encryption = "encryption";
}
