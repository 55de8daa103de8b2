using Idoven.Shared.Data.Configuration;
using MailKit.Security;
using Microsoft.Extensions.Configuration;
using MimeKit;

namespace Idoven.Identity.Mail;

/// <summary>Represents the SMTP server of the installation (<c>Smtp:*</c>).</summary>
/// <param name="Host">
/// Null if no e-mail is sent: then no address can be verified, and no user can sign in with an address or recover an account by e-mail.
/// </param>
internal sealed record SmtpSettings(
    string? Host, int Port, SecureSocketOptions Security, string? User, string? Password, MailboxAddress? From)
{
    private static readonly Dictionary<string, (SecureSocketOptions Options, int Port)> Securities = new()
    {
        ["none"] = (SecureSocketOptions.None, 25),
        ["starttls"] = (SecureSocketOptions.StartTls, 587),
        ["tls"] = (SecureSocketOptions.SslOnConnect, 465),
    };

    public bool IsOn => Host is not null;

    /// <exception cref="ConfigurationException">A setting is missing or not valid.</exception>
    public static SmtpSettings Read(IConfiguration configuration)
    {
        var smtp = configuration.GetSection("Smtp");
        if (smtp["Host"] is not { Length: > 0 } host)
        {
            return new SmtpSettings(null, 0, SecureSocketOptions.None, null, null, null);
        }

        if (!Securities.TryGetValue(smtp["Security"] ?? "starttls", out var security))
        {
            throw new ConfigurationException("Smtp:Security is not valid: give starttls, tls or none.");
        }

        var port = security.Port;
        if (smtp["Port"] is { } text && (!int.TryParse(text, out port) || port is < 1 or > ushort.MaxValue))
        {
            throw new ConfigurationException("Smtp:Port is not a port: give a number from 1 to 65535.");
        }

        if (!MailboxAddress.TryParse(smtp["From"], out var from))
        {
            throw new ConfigurationException("Smtp:From is not an e-mail address: give the sender, such as Idoven <no-reply@example.org>.");
        }

        var (user, password) = (smtp["User"], smtp["Password"]);
        if (user is null != password is null)
        {
            throw new ConfigurationException("Smtp:User and Smtp:Password belong together: give both or neither.");
        }

        return user is not null && security.Options == SecureSocketOptions.None
            ? throw new ConfigurationException("Smtp:Password would be sent in clear text: set Smtp:Security to starttls or tls.")
            : new SmtpSettings(host, port, security.Options, user, password, from);
    }
}
