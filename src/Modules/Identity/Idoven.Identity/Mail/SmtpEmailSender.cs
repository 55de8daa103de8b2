using System.Globalization;
using MailKit.Net.Smtp;
using MimeKit;
using MimeKit.Text;

namespace Idoven.Identity.Mail;

/// <summary>Sends an e-mail over the SMTP server of the installation.</summary>
internal sealed class SmtpEmailSender(SmtpSettings smtp)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <param name="id">The same for each attempt, so that a second delivery can be recognised by its Message-ID.</param>
    /// <exception cref="Exception">The e-mail was not sent, because of any error of the network or the server.</exception>
    public async Task Send(Guid id, string to, string subject, string text, CancellationToken ct)
    {
        using var message = new MimeMessage
        {
            MessageId = string.Create(CultureInfo.InvariantCulture, $"{id:N}@{smtp.From!.Domain}"),
            Subject = subject,
            Body = new TextPart(TextFormat.Plain) { Text = text },
        };
        message.From.Add(smtp.From);
        message.To.Add(new MailboxAddress(name: null, to));
        message.Headers.Add("Auto-Submitted", "auto-generated"); // Suppresses automatic replies (RFC 3834).

        // Many closed networks have no access to revocation lists, and no other client in this process checks them.
        using var client = new SmtpClient { CheckCertificateRevocation = false };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(Timeout);
        await client.ConnectAsync(smtp.Host!, smtp.Port, smtp.Security, timeout.Token);
        if (smtp.User is not null)
        {
            await client.AuthenticateAsync(smtp.User, smtp.Password!, timeout.Token);
        }

        await client.SendAsync(message, timeout.Token);
        await client.DisconnectAsync(quit: true, timeout.Token);
    }
}
