using System.Security.Cryptography;
using System.Xml.Linq;
using Idoven.Identity.Infrastructure.Keys;
using Idoven.Identity.Keys;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Tests.Keys;

/// <summary>The framework's key ring over a repository in memory, as it lies over the database in the host.</summary>
public sealed class SealedXmlTests
{
    private readonly string setting = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly Repository repository = new();

    [Fact]
    public void Another_host_with_the_same_master_key_reads_what_one_protected()
    {
        using var one = Host(setting);
        using var other = Host(setting);
        var cookie = Protector(one).Protect("secret");
        Assert.Equal("secret", Protector(other).Unprotect(cookie));
    }

    [Fact]
    public void Keys_lie_sealed()
    {
        using var host = Host(setting);
        Protector(host).Protect("secret");

        var stored = Assert.Single(repository.Elements).ToString();
        Assert.Contains(nameof(SealedXmlDecryptor), stored, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", stored, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_host_with_another_master_key_reads_nothing()
    {
        using var one = Host(setting);
        var cookie = Protector(one).Protect("secret");
        using var other = Host(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        Assert.ThrowsAny<Exception>(() => Protector(other).Unprotect(cookie));
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

    private static IDataProtector Protector(ServiceProvider host) => host.GetRequiredService<IDataProtectionProvider>().CreateProtector("cookies");

    private sealed class Repository : IXmlRepository
    {
        public List<XElement> Elements { get; } = [];

        public IReadOnlyCollection<XElement> GetAllElements() => [.. Elements];

        public void StoreElement(XElement element, string friendlyName) => Elements.Add(element);
    }
}
