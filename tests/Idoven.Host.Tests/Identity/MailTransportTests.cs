using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Identity;

/// <summary>Represents a database and a broker for the tests of one class, so that no other host sends their e-mails.</summary>
public sealed class OwnEmails(RunningParts parts) : IAsyncLifetime
{
    internal HostSettings Settings { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Settings = await parts.OwnParts();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>
/// Tests that an e-mail, which may give access to an account, is sent only to the configured server and over TLS, or stays in the queue.
/// </summary>
public sealed class MailTransportTests(OwnEmails letters) : IClassFixture<OwnEmails>, IDisposable
{
    private const string User = "idoven";
    private const string Password = "of the mail server";

    private readonly X509Certificate2 certificate = SelfSigned.For("localhost");
    private readonly string trusted = Path.GetTempFileName();

    public void Dispose()
    {
        certificate.Dispose();
        File.Delete(trusted);
    }

    [Theory, InlineData("starttls"), InlineData("tls")]
    public async Task Email_is_sent_over_tls_after_authentication(string security)
    {
        var signIns = 0;
        await using var mail = MailServer.Start(
            certificate,
            security == "tls",
            (user, password) => (user, password) == (User, Password) && Interlocked.Increment(ref signIns) > 0);
        using var host = await Host(mail, security, trusts: certificate);

        await mail.Letter(await NewAddress(host), EmailCalls.Verification);

        Assert.InRange(signIns, 1, int.MaxValue);
    }

    [Fact]
    public async Task Wrong_smtp_password_is_logged_and_the_email_is_sent_once_it_is_right()
    {
        var isRight = false;
        await using var mail = MailServer.Start(certificate, isTlsFromTheStart: false, (_, _) => Volatile.Read(ref isRight));
        using var host = await Host(mail, "starttls", trusts: certificate);

        var address = await NewAddress(host);
        await Told(host);
        Assert.Empty(mail.To(address));
        Volatile.Write(ref isRight, true);

        await mail.Letter(address, EmailCalls.Verification);
        Assert.DoesNotContain(Password, host.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(address, host.Log, StringComparison.Ordinal);
    }

    /// <summary>A man in the middle has another certificate or claims that TLS is not supported.</summary>
    [Theory, InlineData("starttls", true), InlineData("tls", true), InlineData("starttls", false)]
    public async Task No_email_is_sent_to_a_server_without_a_trusted_certificate(string security, bool hasTls)
    {
        var signIns = 0;
        await using var mail = hasTls
            ? MailServer.Start(certificate, security == "tls", (_, _) => Interlocked.Increment(ref signIns) > 0)
            : MailServer.Start();
        using var another = SelfSigned.For("localhost");
        using var host = await Host(mail, security, trusts: another);

        var address = await NewAddress(host);
        await Told(host);

        Assert.Empty(mail.To(address));
        Assert.Equal(0, signIns);
    }

    [Fact]
    public async Task With_security_none_an_email_is_sent_in_clear_text_to_any_server()
    {
        await using var mail = MailServer.Start();
        using var host = await HostProcess.Start(
            letters.Settings, ("Smtp:Host", "localhost"), ("Smtp:Port", $"{mail.Port}"), ("Smtp:Security", "none"),
            ("EmailBounds:VerificationsPerDay", "1000"));

        await mail.Letter(await NewAddress(host), EmailCalls.Verification);
    }

    /// <summary>The certificate names the revocation list of its issuer, which is never requested.</summary>
    [Fact]
    public async Task Revocation_of_the_servers_certificate_is_not_checked()
    {
        using var list = new TcpListener(IPAddress.Loopback, 0);
        list.Start();
        var (issued, issuer) = SelfSigned.IssuedFor("localhost", revocationList: new Uri($"http://{list.LocalEndpoint}/revoked.crl"));
        using var ownIssued = issued;
        using var ownIssuer = issuer;
        await using var mail = MailServer.Start(issued, isTlsFromTheStart: true, (user, password) => (user, password) == (User, Password));
        using var host = await Host(mail, "tls", trusts: issuer);

        await mail.Letter(await NewAddress(host), EmailCalls.Verification);

        Assert.False(list.Pending());
    }

    private static Task Told(HostProcess host) =>
        Eventually.Holds(() => Task.FromResult(host.Log.Contains("was not sent, attempt 1: ", StringComparison.Ordinal)));

    private async Task<HostProcess> Host(MailServer mail, string security, X509Certificate2 trusts)
    {
        await File.WriteAllTextAsync(trusted, trusts.ExportCertificatePem());
        return await HostProcess.Start(
            letters.Settings, new Dictionary<string, string> { ["SSL_CERT_FILE"] = trusted },
            ("Smtp:Host", "localhost"), ("Smtp:Port", $"{mail.Port}"), ("Smtp:Security", security), ("Smtp:User", User),
            ("Smtp:Password", Password), ("EmailBounds:VerificationsPerDay", "1000"));
    }

    /// <summary>Changes the address of the demo user, which sends an e-mail to the new address.</summary>
    private static async Task<string> NewAddress(HostProcess host)
    {
        var address = EmailCalls.NewAddress();
        using var anonymous = host.Client();
        using var signedIn = await anonymous.PostAsync("/connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = "idoven-cli",
            ["username"] = "user",
            ["password"] = "user-demo-password",
            ["scope"] = "openid users:read users:write",
        }));
        using var self = host.Client((await signedIn.Content.ReadFromJsonAsync<TokenResponse>())!.AccessToken);
        var me = await self.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/me");
        using var changed = await self.Patch(me.Id(), $$"""{"email":"{{address}}"}""");
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync());
        return address;
    }
}
