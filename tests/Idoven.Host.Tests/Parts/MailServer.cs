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

/// <summary>A real SMTP server, not of our making, that keeps what it takes.</summary>
internal sealed partial class MailServer : MessageStore, IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<MimeMessage> taken = new();
    private readonly ConcurrentDictionary<string, int> refusals = new();
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

    /// <summary>One that takes what anybody brings, in clear.</summary>
    public static MailServer Start() => new(certificate: null, isTlsFromTheStart: false, mayEnter: null);

    /// <param name="certificate">With it TLS is offered (STARTTLS), or begun with.</param>
    /// <param name="mayEnter">Who signs in with which password; a password in clear is never taken.</param>
    public static MailServer Start(X509Certificate2 certificate, bool isTlsFromTheStart, Func<string, string, bool> mayEnter) =>
        new(certificate, isTlsFromTheStart, mayEnter);

    /// <summary>The next letters to this address are refused for now, so many times.</summary>
    public void Refuse(string address, int times) => refusals[address] = times;

    public int RefusalsLeft(string address) => refusals.GetValueOrDefault(address);

    public IReadOnlyList<MimeMessage> To(string address) => [.. taken.Where(message => message.To.Mailboxes.Any(mailbox => mailbox.Address == address))];

    /// <summary>The last letter of this subject to the address, once there is one that was not there before.</summary>
    public Task<MimeMessage> Letter(string address, string subject, int before = 0) =>
        Eventually.Finds(() => Task.FromResult(To(address).Where(message => message.Subject == subject).Skip(before).LastOrDefault()));

    public override Task<SmtpResponse> SaveAsync(
        ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(buffer.ToArray());
        var message = MimeMessage.Load(stream, cancellationToken);
        var address = message.To.Mailboxes.Single().Address;
        if (refusals.TryGetValue(address, out var left) && left > 0)
        {
            refusals[address] = left - 1;
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

    /// <summary>The token in its link.</summary>
    public static string Token(MimeMessage letter) => LinkToken().Match(letter.TextBody!).Groups["token"].Value;

    [GeneratedRegex("[?]token=(?<token>[A-Za-z0-9_-]{43})\r?$", RegexOptions.Multiline)]
    private static partial Regex LinkToken();
}

/// <summary>What tests do with e-mail addresses.</summary>
internal static class EmailCalls
{
    public const string Verification = "Is this your e-mail address?";
    public const string Recovery = "Choose a new password";

    public static string NewAddress() => $"{TestUsers.NewName()}@example.org";

    /// <summary>The person has this address from now, and has shown that it is theirs.</summary>
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
