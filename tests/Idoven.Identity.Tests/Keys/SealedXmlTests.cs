using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Idoven.Identity.Infrastructure.Keys;
using Idoven.Identity.Keys;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Tests.Keys;

/// <summary>Tests Data Protection with a repository in memory; the host uses the database.</summary>
public sealed class SealedXmlTests
{
    private const string StoredTypeName = "Idoven.Identity.Infrastructure.Keys.SealedXmlDecryptor, Idoven.Identity";

    private readonly string setting = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly Repository repository = new();

    [Fact]
    public void Another_host_with_the_same_master_key_unprotects_a_cookie()
    {
        using var one = Host(setting);
        using var other = Host(setting);
        var cookie = Protector(one).Protect("secret");
        Assert.Equal("secret", Protector(other).Unprotect(cookie));
    }

    [Fact]
    public void Keys_are_stored_encrypted()
    {
        using var host = Host(setting);
        Protector(host).Protect("secret");

        var stored = Assert.Single(repository.Elements).ToString();
        Assert.Contains(nameof(SealedXmlDecryptor), stored, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", stored, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_host_with_another_master_key_cannot_unprotect_a_cookie()
    {
        using var one = Host(setting);
        var cookie = Protector(one).Protect("secret");
        using var other = Host(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        Assert.ThrowsAny<Exception>(() => Protector(other).Unprotect(cookie));
    }

    /// <summary>The name is stored beside each key: a key that an earlier version sealed could otherwise not be opened.</summary>
    [Fact]
    public void The_type_name_that_is_stored_beside_each_key_never_changes()
    {
        using var host = Host(setting);

        Protector(host).Protect("secret");

        var key = Assert.Single(repository.Elements);
        var stored = Assert.Single(key.Descendants(), element => element.Name.LocalName == "encryptedSecret");
        var name = stored.Attribute("decryptorType")!.Value;
        Assert.StartsWith($"{StoredTypeName}, ", name, StringComparison.Ordinal);
        Assert.Equal(typeof(SealedXmlDecryptor), Type.GetType(StoredTypeName));
    }

    /// <summary>The element is written by hand, as version 0.1.0 stored it.</summary>
    [Fact]
    public void A_key_that_was_sealed_under_the_stored_type_name_is_opened()
    {
        var descriptor = new XElement(
            "descriptor",
            new XElement("encryption", new XAttribute("algorithm", "AES_256_CBC")),
            new XElement("validation", new XAttribute("algorithm", "HMACSHA256")),
            new XElement("masterKey", new XElement("value", Convert.ToBase64String(RandomNumberGenerator.GetBytes(64)))));
        var secret = descriptor.Element("masterKey")!;
        var plain = Encoding.UTF8.GetBytes(secret.ToString(SaveOptions.DisableFormatting));
        var sealedSecret = MasterKey.Read(setting).Seal(plain, "idoven data protection");
        XNamespace dataProtection = "http://schemas.asp.net/2015/03/dataProtection";
        secret.ReplaceWith(new XElement(
            dataProtection + "encryptedSecret",
            new XAttribute("decryptorType", $"{StoredTypeName}, Version=0.1.0.0, Culture=neutral, PublicKeyToken=null"),
            new XElement("sealed", Convert.ToBase64String(sealedSecret))));
        var id = Guid.NewGuid();
        repository.StoreElement(
            new XElement(
                "key",
                new XAttribute("id", id),
                new XAttribute("version", 1),
                new XElement("creationDate", DateTimeOffset.UtcNow.AddDays(-1)),
                new XElement("activationDate", DateTimeOffset.UtcNow.AddDays(-1)),
                new XElement("expirationDate", DateTimeOffset.UtcNow.AddDays(80)),
                new XElement(
                    "descriptor",
                    new XAttribute("deserializerType", typeof(AuthenticatedEncryptorDescriptorDeserializer).AssemblyQualifiedName!),
                    descriptor)),
            friendlyName: "key");
        using var host = Host(setting);

        var cookie = Protector(host).Protect("secret");

        Assert.Single(repository.Elements);
        Assert.Equal("secret", Protector(host).Unprotect(cookie));
        Assert.Equal(id, new Guid(Base64Url.DecodeFromChars(cookie).AsSpan(4, 16)));
    }

    private ServiceProvider Host(string masterKey)
    {
        var services = new ServiceCollection();
        services.AddSingleton(MasterKey.Read(masterKey));
        services.AddDataProtection().SetApplicationName("idoven");
        services.AddOptions<KeyManagementOptions>().Configure<MasterKey>((options, master) =>
        {
            options.XmlEncryptor = new SealedXmlEncryptor(master);
            options.XmlRepository = repository;
        });
        return services.BuildServiceProvider();
    }

    private static IDataProtector Protector(ServiceProvider host) =>
        host.GetRequiredService<IDataProtectionProvider>().CreateProtector("cookies");

    private sealed class Repository : IXmlRepository
    {
        public List<XElement> Elements { get; } = [];

        public IReadOnlyCollection<XElement> GetAllElements() => [.. Elements];

        public void StoreElement(XElement element, string friendlyName) => Elements.Add(element);
    }
}
