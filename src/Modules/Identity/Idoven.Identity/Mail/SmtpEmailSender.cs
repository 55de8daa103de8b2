using System.Globalization;
using MailKit.Net.Smtp;
using MimeKit;
using MimeKit.Text;

namespace Idoven.Identity.Mail;

/// <summary>Hands an e-mail to the installation's server.</summary>
internal sealed class SmtpEmailSender(SmtpSettings smtp)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <param name="id">The same for each attempt: whoever gets it twice can tell.</param>
    /// <exception cref="Exception">It was not taken: whatever went wrong between here and the server.</exception>
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
        message.Headers.Add("Auto-Submitted", "auto-generated"); // Nobody's holiday notice is to answer (RFC 3834).

        // Revocation lists are out of reach in many a closed network, and no other client of this process asks for them.
        using var client = new SmtpClient { CheckCertificateRevocation = false };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        await client.ConnectAsync(smtp.Host!, smtp.Port, smtp.Security, patience.Token);
        if (smtp.User is not null)
        {
            await client.AuthenticateAsync(smtp.User, smtp.Password!, patience.Token);
        }

        await client.SendAsync(message, patience.Token);
        await client.DisconnectAsync(quit: true, patience.Token);
    }
}
