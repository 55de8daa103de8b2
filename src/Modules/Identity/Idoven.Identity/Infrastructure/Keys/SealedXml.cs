using System.Text;
using System.Xml.Linq;
using Idoven.Identity.Keys;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Infrastructure.Keys;

/// <summary>
/// Seals the keys of ASP.NET Core Data Protection with the master key before they are stored, like the keys of the token server.
/// </summary>
internal sealed class SealedXmlEncryptor(MasterKey master) : IXmlEncryptor
{
    internal const string Purpose = "idoven data protection";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        return new EncryptedXmlInfo(
            new XElement("sealed", Convert.ToBase64String(master.Seal(plain, Purpose))), typeof(SealedXmlDecryptor));
    }
}

/// <summary>Opens the keys that <see cref="SealedXmlEncryptor"/> sealed.</summary>
/// <remarks>
/// Data Protection stores the full name of this type and of its assembly beside each sealed key, and creates it from that name. The name,
/// the namespace and the assembly must not change, and neither may the constructor: otherwise no stored key can be opened, and every
/// cookie, form and known device becomes invalid. Therefore the class is in <c>Infrastructure/Keys</c> and not with the other keys.
/// </remarks>
internal sealed class SealedXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var master = services.GetRequiredService<MasterKey>();
        var plain = master.Open(Convert.FromBase64String(encryptedElement.Value), SealedXmlEncryptor.Purpose);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}
