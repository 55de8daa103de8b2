using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Idoven.Host.Tests.Parts;

internal static class SelfSigned
{
    /// <summary>A certificate of nobody's but its own, for a day.</summary>
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
}
