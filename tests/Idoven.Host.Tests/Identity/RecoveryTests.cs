using System.Net;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests account recovery by the user of the account, and that no other caller can use it.</summary>
public sealed partial class RecoveryTests(RunningParts parts)
{
    private const string New = "another good password";

    [Theory, InlineData(true), InlineData(false)]
    public async Task Recovery_link_sets_a_new_password_once_and_ends_every_session(bool isByEmail)
    {
        var person = await parts.Host.NewPerson();
        var email = await parts.VerifyNewEmail(person);
        var tokens = await parts.Host.Token(person);
        using var signedIn = parts.Host.Client(tokens.AccessToken);
        using var browser = new Browser(parts.Host);

        var asked = await browser.Press(
            await browser.Get("/account/recovery"), "ask", ("identifier", isByEmail ? email.ToUpperInvariant() : person.Username));
        Assert.Equal((HttpStatusCode.OK, "Check your e-mail"), (asked.Status, asked.Heading));
        var letter = await parts.Mail.Letter(email, EmailCalls.Recovery);
        var link = $"/account/recovery?token={MailServer.Token(letter)}";
        Assert.Contains($"http://localhost{link}", letter.TextBody, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await signedIn.GetAsync(EcgCalls.Route)).StatusCode);
        await browser.Get(link);
        var page = await browser.Press(await browser.Get(link), "choose", ("password", "password1"), ("repeated", "password1"));
        Assert.Equal((HttpStatusCode.BadRequest, "Choose a new password"), (page.Status, page.Heading));
        page = await browser.Press(page, "choose", ("password", New), ("repeated", New));

        Assert.Equal("Your password is changed", page.Heading);
        Assert.Equal(
            "This link is no longer valid",
            (await browser.Press(await browser.Get(link), "choose", ("password", New), ("repeated", New))).Heading);
        Assert.Equal("invalid_grant", await parts.Host.TokenError(person.PasswordGrant()));
        Assert.NotNull((await parts.Host.Token(email, New, person.Scopes)).AccessToken);
        Assert.Equal(
            "invalid_grant",
            await parts.Host.TokenError(
                new() { ["grant_type"] = "refresh_token", ["refresh_token"] = tokens.RefreshToken!, ["client_id"] = "idoven-cli" }));
        await Eventually.Holds(async () => (await signedIn.GetAsync(EcgCalls.Route)).StatusCode == HttpStatusCode.Unauthorized);
        await parts.Mail.Letter(email, "Your account was recovered");
    }

    [Fact]
    public async Task Recovery_request_reveals_nothing_and_sends_email_only_to_a_verified_address()
    {
        var (verified, unverified) = (await parts.Host.NewPerson(), await parts.Host.NewPerson());
        var email = await parts.VerifyNewEmail(verified);
        var notVerified = EmailCalls.NewAddress();
        using var self = await parts.Host.SignIn(unverified);
        await self.Patch(unverified.Id, $$"""{"email":"{{notVerified}}"}""");
        await parts.Mail.Letter(notVerified, EmailCalls.Verification);

        var responses = new List<string>();
        foreach (var identifier in new[]
        {
            "no-such-user",
            unverified.Username,
            notVerified,
            "no\u0000body",
            new string('a', 1000),
            verified.Username,
        })
        {
            using var response = await parts.Host.Anonymous.Post("/account/recover", new { identifier });
            responses.Add($"{response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }

        Assert.Equal(["Accepted "], responses.Distinct());
        await parts.Mail.Letter(email, EmailCalls.Recovery);
        await Eventually.Holds(async () => await parts.Host.Query<long>("select count(*) from identity.letters where notice is null") == 0);
        Assert.Equal([EmailCalls.Verification], parts.Mail.To(notVerified).Select(letter => letter.Subject));
        Assert.Equal(
            0L,
            await parts.Host.Query<long>(
                "select count(*) from identity.one_time_tokens where account_id = $1 and use = 'Recovery'", unverified.Id));
    }

    [Fact]
    public async Task Recovery_link_sent_to_a_former_address_is_not_valid()
    {
        var person = await parts.Host.NewPerson();
        var before = await parts.VerifyNewEmail(person);
        using var asked = await parts.Host.Anonymous.Post("/account/recover", new { identifier = before });
        var token = MailServer.Token(await parts.Mail.Letter(before, EmailCalls.Recovery));

        await parts.VerifyNewEmail(person);

        Assert.Equal("/token", await parts.Host.Anonymous.Post("/account/recover/token", new { token, password = New }).Pointer());
        Assert.NotNull((await parts.Host.Token(person)).AccessToken);
    }

    [Fact]
    public async Task Recovery_email_that_the_server_rejects_is_sent_again_with_a_valid_token()
    {
        var person = await parts.Host.NewPerson();
        var email = await parts.VerifyNewEmail(person);
        parts.Mail.Reject(email, times: 1);

        using var asked = await parts.Host.Anonymous.Post("/account/recover", new { identifier = email });
        var token = MailServer.Token(await parts.Mail.Letter(email, EmailCalls.Recovery));

        Assert.Equal(0, parts.Mail.RejectionsLeft(email));
        using var recovered = await parts.Host.Anonymous.Post("/account/recover/token", new { token, password = New });
        Assert.Equal(HttpStatusCode.NoContent, recovered.StatusCode);
    }

    [Fact]
    public async Task Database_contains_no_recovery_token()
    {
        var person = await parts.Host.NewPerson();
        var email = await parts.VerifyNewEmail(person);
        using var asked = await parts.Host.Anonymous.Post("/account/recover", new { identifier = email });
        var token = MailServer.Token(await parts.Mail.Letter(email, EmailCalls.Recovery));

        var rows = await parts.Host.Query<string>(
            "select (select string_agg(t::text, '') from identity.one_time_tokens t) || coalesce((select string_agg(l::text, '') "
                + "from identity.letters l), '')");

        Assert.Contains(person.Id.ToString(), rows, StringComparison.Ordinal);
        Assert.DoesNotContain(token, rows, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recovery_code_sets_a_new_password_once_and_removes_the_other_recovery_codes()
    {
        var person = await parts.Host.NewPerson();
        var (app, codes) = await parts.Host.TurnSecondFactorOn(person);
        using var browser = new Browser(parts.Host);
        var form = await browser.Get("/account/recovery/code");
        (string, string)[] Fill(string code, string password = New) =>
        [
            ("identifier", person.Username), ("code", code), ("password", password), ("repeated", password),
        ];

        var wrong = await browser.Press(form, "use-code", Fill("aaaa-aaaa-aaaa-aaaa"));
        Assert.Equal((HttpStatusCode.BadRequest, "Use a recovery code"), (wrong.Status, wrong.Heading));
        Assert.Equal(HttpStatusCode.BadRequest, (await browser.Press(wrong, "use-code", Fill(codes[0], "password1"))).Status);
        Assert.Equal("Your password is changed", (await browser.Press(wrong, "use-code", Fill(codes[0]))).Heading);

        Assert.Equal("/code", await Recover(person.Username, codes[0]).Pointer());
        Assert.Equal("/code", await Recover("no-such-user", codes[1]).Pointer());
        var grant = person.PasswordGrant();
        grant["password"] = New;
        Assert.Equal("invalid_grant", await parts.Host.TokenError(grant));
        grant["otp"] = codes[1];
        Assert.Equal("invalid_grant", await parts.Host.TokenError(grant));
        Assert.Equal("/code", await Recover(person.Username, codes[2]).Pointer());
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from identity.recovery_codes where account_id = $1", person.Id));
        grant["otp"] = app.Code();
        Assert.Null(await parts.Host.TokenError(grant));

        Task<HttpResponseMessage> Recover(string identifier, string code) =>
            parts.Host.Anonymous.Post("/account/recover/code", new { identifier, code, password = "yet another password" });
    }

    [Fact]
    public async Task Recovery_codes_can_be_created_without_a_second_factor()
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);
        Assert.Equal("/password", await self.Post("/account/recovery-codes", new { password = "a wrong password" }).Pointer());
        using var issued = await self.Post("/account/recovery-codes", new { password = TestUser.Password });
        var code = (await issued.RecoveryCodes())[9];

        using var recovered = await parts.Host.Anonymous.Post(
            "/account/recover/code", new { identifier = person.Username, code, password = New });

        Assert.Equal(HttpStatusCode.NoContent, recovered.StatusCode);
        Assert.NotNull((await parts.Host.Token(person.Username, New, person.Scopes)).AccessToken);
    }

    [Fact]
    public async Task Operator_on_the_host_creates_a_recovery_token_and_turns_off_a_lost_second_factor()
    {
        var person = await parts.Host.NewPerson();
        await parts.Host.TurnSecondFactorOn(person);

        Assert.Contains("second factor  on since ", await Verb(0, "show", person.Username), StringComparison.Ordinal);
        var token = Token().Match(await Verb(0, "recover", person.Username)).Groups["token"].Value;
        using var recovered = await parts.Host.Anonymous.Post("/account/recover/token", new { token, password = New });
        Assert.Equal(HttpStatusCode.NoContent, recovered.StatusCode);
        Assert.Equal("second factor  off\n", await Verb(0, "second-factor-off", person.Username));
        Assert.NotNull((await parts.Host.Token(person.Username, New, person.Scopes)).AccessToken);
        Assert.Equal("", await Verb(1, "recover", "no-such-user"));
        Assert.Equal("", await Verb(64, "promote", person.Username));

        async Task<string> Verb(int exitCode, params string[] words)
        {
            using var process = HostProcess.Run(parts.Settings.AsConfiguration().ToDictionary(), ["account", .. words]);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(exitCode, process.ExitCode);
            return output.ReplaceLineEndings("\n");
        }
    }

    [Fact]
    public async Task Account_that_was_never_activated_cannot_be_recovered()
    {
        using var admin = await parts.Host.Admin();
        var name = TestUsers.NewName();
        var email = EmailCalls.NewAddress();
        using var registered = await admin.PostAsync(
            TestUsers.Route, TestUsers.Json($$"""{"username":"{{name}}","role":"user","email":"{{email}}"}"""));
        var user = await registered.Content.ReadAsStringAsync();
        await Eventually.Holds(
            async () => await parts.Host.Query<long>("select count(*) from identity.accounts where user_name = $1", name) == 1);

        // An admin may register a user with an address of their own: no e-mail is sent before the user has chosen a password, and then the
        // link alone gives no access.
        using var asked = await parts.Host.Anonymous.Post("/account/recover", new { identifier = email });
        Assert.Equal(HttpStatusCode.NoContent, (await parts.Host.Activate(ActivationToken().Match(user).Groups["token"].Value)).StatusCode);
        var token = MailServer.Token(await parts.Mail.Letter(email, EmailCalls.Verification));
        using var guessed = await parts.Host.Anonymous.Post("/account/email/verify", new { token, password = "a guess of the admin" });
        Assert.Equal(HttpStatusCode.BadRequest, guessed.StatusCode);
        using var again = await parts.Host.Anonymous.Post("/account/recover", new { identifier = email });
        await Eventually.Holds(
            async () =>
                await parts.Host.Query<long>("select count(*) from identity.letters where notice is null "
                    + "and address = $1", email.ToUpperInvariant()) == 0);
        Assert.Equal([EmailCalls.Verification], parts.Mail.To(email).Select(letter => letter.Subject));
    }

    [Fact]
    public async Task Without_a_mail_server_no_recovery_email_is_queued()
    {
        await using var silent = await RunningHost.Start(parts.Settings, ("Smtp:Host", ""));
        var name = TestUsers.NewName();

        using var response = await silent.Anonymous.Post("/account/recover", new { identifier = name });

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(0L, await parts.Host.Query<long>("select count(*) from identity.letters where address = $1", name.ToUpperInvariant()));
    }

    [GeneratedRegex("^token +(?<token>[A-Za-z0-9_-]{43})$", RegexOptions.Multiline)]
    private static partial Regex Token();

    [GeneratedRegex("\"token\":\"(?<token>[^\"]+)\"")]
    private static partial Regex ActivationToken();
}
