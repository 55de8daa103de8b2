using System.Text;
using System.Xml.Linq;
using Idoven.Identity.Keys;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Infrastructure.Keys;

/// <summary>The framework's data-protection keys lie in the database sealed like our own.</summary>
internal sealed class SealedXmlEncryptor(MasterKey master) : IXmlEncryptor
{
    internal const string Purpose = "idoven data protection";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        return new EncryptedXmlInfo(new XElement("sealed", Convert.ToBase64String(master.Seal(plain, Purpose))), typeof(SealedXmlDecryptor));
    }
}

/// <summary>Made by the framework from the type's name beside the sealed key.</summary>
internal sealed class SealedXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var plain = services.GetRequiredService<MasterKey>().Open(Convert.FromBase64String(encryptedElement.Value), SealedXmlEncryptor.Purpose);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}
