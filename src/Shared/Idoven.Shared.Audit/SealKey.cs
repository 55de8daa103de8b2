using System.Security.Cryptography;
using System.Text;
using Idoven.Shared.Data.Configuration;

namespace Idoven.Shared.Audit;

/// <summary>
/// The key that signs the seals of a module: ECDSA on P-256 (FIPS 186-5). The hosts have it, the database does not. It is derived from
/// <c>Audit:SealKey</c>, or from <c>Auth:MasterKey</c> if that is not set, so that all hosts of an installation have the same key.
/// </summary>
internal sealed class SealKey : IDisposable
{
    private const string HowTo = "give 32 random bytes in base64, such as from: openssl rand -base64 32";
    private const int SecretLength = 32;
    private readonly ECDsa key;

    private SealKey(ECDsa key)
    {
        this.key = key;
        PublicKey = key.ExportSubjectPublicKeyInfo();
        Id = IdOf(PublicKey);
    }

    public string Id { get; }

    /// <summary>Gets the public key as SubjectPublicKeyInfo.</summary>
    public byte[] PublicKey { get; }

    /// <param name="ownSecret">The setting <c>Audit:SealKey</c>.</param>
    /// <param name="masterKey">The setting <c>Auth:MasterKey</c>, which is used if the other is not set.</param>
    /// <exception cref="ConfigurationException">There is no secret to derive the key from, or it is not 32 bytes in base64.</exception>
    public static SealKey Read(string? ownSecret, string? masterKey, string module)
    {
        var (name, value) = string.IsNullOrWhiteSpace(ownSecret) ? ("Auth:MasterKey", masterKey) : ("Audit:SealKey", ownSecret);
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new ConfigurationException($"Neither Audit:SealKey nor Auth:MasterKey is set. One of them seals the audit log: {HowTo}.");
        }

        var secret = new byte[SecretLength];
        return Convert.TryFromBase64String(value, secret, out var length) && length == SecretLength
            ? new SealKey(Derive(secret, module))
            : throw new ConfigurationException($"{name} is not 32 bytes in base64: {HowTo}.");
    }

    public static string IdOf(byte[] publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey));

    /// <summary>Returns whether the signature is one of the hash, by the private half of this public key.</summary>
    public static bool Verify(byte[] publicKey, byte[] hash, byte[] signature)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
            return key.VerifyHash(hash, signature);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public byte[] Sign(byte[] hash) => key.SignHash(hash);

    public void Dispose() => key.Dispose();

    /// <summary>
    /// Derives the private number with HKDF (RFC 5869). If it is outside the order of P-256 (probability 1 in 2^32), the next one is
    /// derived.
    /// </summary>
    private static ECDsa Derive(byte[] secret, string module)
    {
        for (var attempt = 0; ; attempt++)
        {
            var info = Encoding.UTF8.GetBytes($"seals of the audit trail of {module} {attempt}");
            try
            {
                return ECDsa.Create(new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    D = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, SecretLength, info: info),
                });
            }
            catch (CryptographicException) when (attempt < 8)
            {
                // Zero, or beyond the order of the curve.
            }
        }
    }
}
