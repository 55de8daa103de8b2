using System.Security.Cryptography;
using System.Text;
using Idoven.Shared.Data.Configuration;

namespace Idoven.Identity.Keys;

/// <summary>Seals what lies in the database with AES-256-GCM, under a key that does not: <c>Auth:MasterKey</c>.</summary>
internal sealed class MasterKey
{
    private const string HowTo = "give 32 random bytes in base64, such as from: openssl rand -base64 32";
    private const int KeyLength = 32;
    private readonly byte[] key;

    private MasterKey(byte[] key) => this.key = key;

    /// <exception cref="ConfigurationException">It is missing, no base64, of another length, or no secret at all.</exception>
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

    /// <returns>A key for one other purpose, by HKDF (RFC 5869): it tells nothing of this one.</returns>
    public byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyLength, info: Encoding.UTF8.GetBytes(purpose));

    /// <returns>Nonce, tag and cipher text.</returns>
    /// <param name="purpose">Bound to the seal: what is sealed as one thing cannot be opened as another.</param>
    public byte[] Seal(ReadOnlySpan<byte> plain, string purpose)
    {
        var nonceLength = AesGcm.NonceByteSizes.MaxSize;
        var tagLength = AesGcm.TagByteSizes.MaxSize;
        var sealedBytes = new byte[nonceLength + tagLength + plain.Length];
        var nonce = sealedBytes.AsSpan(0, nonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, tagLength);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(nonceLength + tagLength), sealedBytes.AsSpan(nonceLength, tagLength), Encoding.UTF8.GetBytes(purpose));
        return sealedBytes;
    }

    /// <exception cref="ConfigurationException">Sealed under another key, or altered since.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedBytes, string purpose)
    {
        var nonceLength = AesGcm.NonceByteSizes.MaxSize;
        var tagLength = AesGcm.TagByteSizes.MaxSize;
        if (sealedBytes.Length < nonceLength + tagLength)
        {
            throw new ConfigurationException("A sealed key in the database is cut short.");
        }

        var plain = new byte[sealedBytes.Length - nonceLength - tagLength];
        using var aes = new AesGcm(key, tagLength);
        try
        {
            aes.Decrypt(
                sealedBytes[..nonceLength], sealedBytes[(nonceLength + tagLength)..], sealedBytes.Slice(nonceLength, tagLength), plain, Encoding.UTF8.GetBytes(purpose));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new ConfigurationException("Auth:MasterKey does not open the keys in the database: give the key they were sealed with. Where it is lost, see docs/keys.md: keys revoke makes others.");
        }
    }
}
