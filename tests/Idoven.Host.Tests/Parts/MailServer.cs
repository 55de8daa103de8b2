using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace Idoven.Host.Tests.Parts;

/// <summary>Represents a third-party SMTP server that keeps the e-mails it receives.</summary>
internal sealed partial class MailServer : MessageStore, IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<MimeMessage> taken = new();
    private readonly ConcurrentDictionary<string, int> rejections = new();
    private readonly Task running;

    private MailServer(X509Certificate2? certificate, bool isTlsFromTheStart, Func<string, string, bool>? mayEnter)
    {
        Port = FreePort.Take();
        var services = new ServiceProvider();
        services.Add(this);
        services.Add(new DelegatingUserAuthenticator(mayEnter ?? ((_, _) => false)));
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint =>
        {
            endpoint.Port(Port).AuthenticationRequired(mayEnter is not null);
            if (certificate is not null)
            {
                endpoint.Certificate(certificate).IsSecure(isTlsFromTheStart);
            }
        });
        running = new SmtpServer.SmtpServer(options.Build(), services).StartAsync(stop.Token);
    }

    public int Port { get; }

    /// <summary>Starts a server that accepts e-mails of all clients without TLS.</summary>
    public static MailServer Start() => new(certificate: null, isTlsFromTheStart: false, mayEnter: null);

    /// <param name="certificate">The certificate for TLS, from the start or by STARTTLS.</param>
    /// <param name="mayEnter">Returns whether a user name and password are accepted; a password without TLS never is.</param>
    public static MailServer Start(X509Certificate2 certificate, bool isTlsFromTheStart, Func<string, string, bool> mayEnter) =>
        new(certificate, isTlsFromTheStart, mayEnter);

    /// <summary>Rejects the next e-mails to this address temporarily, this many times.</summary>
    public void Reject(string address, int times) => rejections[address] = times;

    public int RejectionsLeft(string address) => rejections.GetValueOrDefault(address);

    public IReadOnlyList<MimeMessage> To(string address) =>
    [
        .. taken.Where(message => message.To.Mailboxes.Any(mailbox => mailbox.Address == address)),
    ];

    /// <summary>Waits for an e-mail of this subject to the address, beyond the number received before, and returns the last one.</summary>
    public Task<MimeMessage> Letter(string address, string subject, int before = 0) =>
        Eventually.Finds(() => Task.FromResult(To(address).Where(message => message.Subject == subject).Skip(before).LastOrDefault()));

    public override Task<SmtpResponse> SaveAsync(
        ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(buffer.ToArray());
        var message = MimeMessage.Load(stream, cancellationToken);
        var address = message.To.Mailboxes.Single().Address;
        if (rejections.TryGetValue(address, out var left) && left > 0)
        {
            rejections[address] = left - 1;
            return Task.FromResult(new SmtpResponse(SmtpReplyCode.MailboxUnavailable, $"not now, {address}"));
        }

        taken.Enqueue(message);
        return Task.FromResult(SmtpResponse.Ok);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    /// <summary>Returns the token in the link of an e-mail.</summary>
    public static string Token(MimeMessage letter) => LinkToken().Match(letter.TextBody!).Groups["token"].Value;

    [GeneratedRegex("[?]token=(?<token>[A-Za-z0-9_-]{43})\r?$", RegexOptions.Multiline)]
    private static partial Regex LinkToken();
}

/// <summary>Changes and verifies e-mail addresses of users.</summary>
internal static class EmailCalls
{
    public const string Verification = "Is this your e-mail address?";
    public const string Recovery = "Choose a new password";

    public static string NewAddress() => $"{TestUsers.NewName()}@example.org";

    /// <summary>Changes the e-mail address of the user and verifies it.</summary>
    public static async Task<string> VerifyNewEmail(this RunningParts parts, TestUser person)
    {
        var email = NewAddress();
        using var self = await parts.Host.SignIn(person);
        Assert.True((await self.Patch(person.Id, $$"""{"email":"{{email}}"}""")).IsSuccessStatusCode);
        var token = MailServer.Token(await parts.Mail.Letter(email, Verification));
        using var verified = await parts.Host.Anonymous.Post("/account/email/verify", new { token, password = TestUser.Password });
        Assert.Equal(System.Net.HttpStatusCode.NoContent, verified.StatusCode);
        return email;
    }
}
