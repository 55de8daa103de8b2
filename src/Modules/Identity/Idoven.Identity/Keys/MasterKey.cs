using System.Security.Cryptography;
using System.Text;
using Idoven.Shared.Data.Configuration;

namespace Idoven.Identity.Keys;

/// <summary>Encrypts secrets in the database with AES-256-GCM and a key that is not in the database: <c>Auth:MasterKey</c>.</summary>
internal sealed class MasterKey
{
    private const string HowTo = "give 32 random bytes in base64, such as from: openssl rand -base64 32";
    private const int KeyLength = 32;
    private readonly byte[] key;

    private MasterKey(byte[] key) => this.key = key;

    /// <exception cref="ConfigurationException">The setting is missing, not base64, of another length, or not random.</exception>
    public static MasterKey Read(string? setting)
    {
        if (string.IsNullOrWhiteSpace(setting))
        {
            throw new ConfigurationException($"Auth:MasterKey is not set: {HowTo}.");
        }

        var bytes = new byte[KeyLength];
        if (!Convert.TryFromBase64String(setting, bytes, out var length) || length != KeyLength)
        {
            throw new ConfigurationException($"Auth:MasterKey is not 32 bytes in base64: {HowTo}.");
        }

        return bytes.Distinct().Count() > KeyLength / 4
            ? new MasterKey(bytes)
            : throw new ConfigurationException($"Auth:MasterKey is not random: {HowTo}.");
    }

    /// <summary>Derives a key for another purpose by HKDF (RFC 5869). It does not reveal the master key.</summary>
    public byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyLength, info: Encoding.UTF8.GetBytes(purpose));

    /// <summary>Encrypts and authenticates bytes.</summary>
    /// <param name="purpose">Authenticated with the bytes: they can only be opened for the same purpose.</param>
    /// <returns>Nonce, tag and cipher text.</returns>
    public byte[] Seal(ReadOnlySpan<byte> plain, string purpose)
    {
        var nonceLength = AesGcm.NonceByteSizes.MaxSize;
        var tagLength = AesGcm.TagByteSizes.MaxSize;
        var sealedBytes = new byte[nonceLength + tagLength + plain.Length];
        var nonce = sealedBytes.AsSpan(0, nonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, tagLength);
        aes.Encrypt(
            nonce, plain, sealedBytes.AsSpan(nonceLength + tagLength), sealedBytes.AsSpan(nonceLength, tagLength),
            Encoding.UTF8.GetBytes(purpose));
        return sealedBytes;
    }

    /// <summary>Decrypts bytes that <see cref="Seal"/> encrypted.</summary>
    /// <exception cref="ConfigurationException">They were encrypted with another key or for another purpose, or were changed.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedBytes, string purpose)
    {
        var nonceLength = AesGcm.NonceByteSizes.MaxSize;
        var tagLength = AesGcm.TagByteSizes.MaxSize;
        if (sealedBytes.Length < nonceLength + tagLength)
        {
            throw new ConfigurationException("A sealed key in the database is truncated.");
        }

        var plain = new byte[sealedBytes.Length - nonceLength - tagLength];
        using var aes = new AesGcm(key, tagLength);
        try
        {
            aes.Decrypt(
                sealedBytes[..nonceLength], sealedBytes[(nonceLength + tagLength)..], sealedBytes.Slice(nonceLength, tagLength), plain,
                Encoding.UTF8.GetBytes(purpose));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new ConfigurationException(
                "Auth:MasterKey does not open the keys in the database: give the key that they were sealed with. "
                + "If it is lost, docs/keys.md describes how to replace the keys.");
        }
    }
}
