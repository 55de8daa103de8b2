using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Idoven.Host.Tests.Parts;

internal static class SelfSigned
{
    /// <summary>Creates self-signed certificates that are valid for a day.</summary>
    public static X509Certificate2 For(string host)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    /// <summary>Creates a certificate and the self-signed issuer that signed it, both valid for a day.</summary>
    /// <param name="revocationList">The address of the issuer's revocation list in the certificate.</param>
    public static (X509Certificate2 Certificate, X509Certificate2 Issuer) IssuedFor(string host, Uri revocationList)
    {
        using var issuerKey = RSA.Create(2048);
        var issuerRequest = new CertificateRequest(
            "CN=An issuer of a test", issuerKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        issuerRequest.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        issuerRequest.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        var issuer = issuerRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));

        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([revocationList.AbsoluteUri]));
        using var issued = request.Create(issuer, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(16));
        return (issued.CopyWithPrivateKey(key), issuer);
    }
}
