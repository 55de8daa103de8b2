using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Audit;
using Idoven.Shared.Web;
using Idoven.Shared.Web.Operations;
using Idoven.Users;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Audit;

/// <summary>Each action writes the expected audit rows, and every route and handler that changes data records an audit action.</summary>
public sealed partial class AuditActionTests(RunningParts parts)
{
    /// <summary>Handlers without audit rows of their own, with the reason.</summary>
    private static readonly Dictionary<string, string> WithoutAuditLog = new()
    {
        ["CreateAccountHandler"] = "runs after a registration, which Users records",
        ["IssueActivationHandler of Identity"] = "runs after Users' handler of the same name, which records it",
        ["RecordActivationHandler"] = "runs after an activation, which Identity records",
        ["ForgetClientHandler"] = "runs after the deletion of a client, which Identity records",
    };

    /// <summary>Pages and OAuth routes: their handlers or the token server record what is done there.</summary>
    private static readonly string[] RecordedByHandlers =
    [
        "/account/activate/form", "/account/email/form", "/account/recovery/form",
        "/connect/authorize", "/connect/logout", "/connect/token", "/connect/userinfo", "/connect/verify",
    ];

    private static readonly Dictionary<string, (Func<AuditScenario, Task> Run, string[] Rows)> Cases = new()
    {
        ["sign-in with the right password"] = (
            async scene => await scene.Token(PasswordForm("user", "user-demo-password")),
            ["identity sign_in success", "identity token.password success"]),
        ["sign-in with a wrong password"] = (
            async scene => await scene.Token(PasswordForm("user", "wrong")),
            ["identity sign_in refused credentials", "identity token.password refused invalid_grant"]),
        ["sign-in with an unknown username"] = (
            async scene => await scene.Token(PasswordForm(TestUsers.NewName(), "wrong")),
            ["identity sign_in refused credentials", "identity token.password refused invalid_grant"]),
        ["sign-in without the second factor"] = (
            async scene => await scene.Token((await WithSecondFactor(scene)).Person.PasswordGrant()),
            ["identity sign_in refused second_factor", "identity token.password refused invalid_grant"]),
        ["sign-in with a wrong second factor"] = (
            async scene =>
            {
                var (person, app, _) = await WithSecondFactor(scene);
                await scene.Token(person.PasswordGrant(app.WrongCode()));
            },
            ["identity sign_in refused second_factor", "identity token.password refused invalid_grant"]),
        ["sign-in with the second factor"] = (
            async scene =>
            {
                var (person, app, _) = await WithSecondFactor(scene);
                await scene.Token(person.PasswordGrant(app.Code()));
            },
            ["identity sign_in success", "identity token.password success"]),
        ["sign-in in a browser with a wrong and then the right second factor"] = (
            async scene =>
            {
                var (person, app, _) = await WithSecondFactor(scene);
                using var browser = scene.Browser();
                var page = await SignInWithPassword(browser, await scene.Host.NewApp(), person);
                page = await browser.Press(page, "second-step", ("code", app.WrongCode()));
                await browser.Press(page, "second-step", ("code", app.Code()));
            },
            ["identity sign_in refused second_factor", "identity sign_in success"]),
        ["two-factor challenge that was not issued"] = (
            async scene =>
            {
                using var browser = scene.Browser();
                await browser.Press(
                    await browser.Get((await scene.Host.NewApp()).Authorize()), "second-step", ("step", "none"), ("code", "123456"));
            },
            ["identity sign_in refused token"]),
        ["second factor set up during a sign-in"] = (
            async scene =>
            {
                using var browser = scene.Browser();
                var page = await SignInWithPassword(
                    browser, await scene.Host.NewApp(), await scene.Host.NewPerson(), ("acr_values", "mfa"));
                var secret = Secret().Match(page.Html).Groups["secret"].Value.Replace(" ", "", StringComparison.Ordinal);
                await browser.Press(page, "set-up", ("code", new Authenticator(secret).Code()));
            },
            ["identity account.second_factor_on success", "identity sign_in success"]),
        ["token request for a scope that the role does not have"] = (
            async scene => await scene.Token(PasswordForm("user", "user-demo-password", "clients:manage")),
            ["identity token.password refused invalid_scope"]),
        ["token refresh"] = (
            async scene => await scene.Token(RefreshForm((await scene.Host.Token(await scene.Host.NewPerson())).RefreshToken!)),
            ["identity token.refresh_token success"]),
        ["refresh token used twice"] = (
            async scene =>
            {
                var first = await scene.Host.Token(await scene.Host.NewPerson());
                await scene.Host.Token(RefreshForm(first.RefreshToken!));
                await scene.Host.EndRetryWindow(new JsonWebToken(first.AccessToken).Subject);
                await scene.Token(RefreshForm(first.RefreshToken!));
            },
            [
                "identity session.end success token_replayed", "identity token.refresh_token refused invalid_grant",
                "identity token.replay refused refresh_token",
            ]),
        ["token revoked"] = (
            async scene =>
            {
                var token = (await scene.Host.Token(await scene.Host.NewPerson())).RefreshToken!;
                using var client = scene.Client();
                await client.PostAsync("/connect/revoke", new FormUrlEncodedContent([new("client_id", "idoven-cli"), new("token", token)]));
            },
            ["identity token.revoke success"]),
        ["token revoked by an unknown client"] = (
            async scene =>
            {
                using var client = scene.Client();
                await client.PostAsync("/connect/revoke", new FormUrlEncodedContent([new("client_id", "unknown"), new("token", "none")]));
            },
            ["identity token.revoke refused invalid_client"]),
        ["token request of a machine client"] = (
            async scene => await scene.Token(ClientCredentialsForm("demo-gateway", "demo-gateway-secret")),
            ["identity token.client_credentials success"]),
        ["token request of a machine client with a wrong secret"] = (
            async scene => await scene.Token(ClientCredentialsForm("demo-gateway", "wrong")),
            ["identity token.client_credentials refused invalid_client"]),
        ["token request with an unsupported grant"] = (
            async scene => await scene.Token(new() { ["grant_type"] = "a_grant_of_mine", ["client_id"] = "idoven-cli" }),
            ["identity token refused unsupported_grant_type"]),
        ["sign-in and consent in a browser"] = (
            async scene =>
            {
                var (app, person) = (await scene.Host.NewApp(), await scene.Host.NewPerson());
                using var browser = scene.Browser();
                var code = (await browser.SignInAndAllow(app.Authorize(), person)).Sent("code")!;
                await scene.Token(app.Code(code));
            },
            ["identity consent success", "identity sign_in success", "identity token.authorization_code success"]),
        ["authorization code used twice"] = (
            async scene =>
            {
                var (app, person) = (await scene.Host.NewApp(), await scene.Host.NewPerson());
                using var browser = new Browser(scene.Host);
                var code = (await browser.SignInAndAllow(app.Authorize(), person)).Sent("code")!;
                await scene.Host.Redeem(app, code);
                await scene.Token(app.Code(code));
            },
            [
                "identity session.end success token_replayed", "identity token.authorization_code refused invalid_grant",
                "identity token.replay refused authorization_code",
            ]),
        ["consent denied"] = (
            async scene =>
            {
                var (app, person) = (await scene.Host.NewApp(), await scene.Host.NewPerson());
                using var first = new Browser(scene.Host);
                await first.SignIn(app.Authorize(), person);
                using var browser = scene.Browser(first.Cookies);
                await browser.Press(await browser.Get(app.Authorize()), "deny");
            },
            ["identity consent refused denied"]),
        ["repeated sign-in and consent"] = (
            async scene =>
            {
                var (app, person) = (await scene.Host.NewApp(), await scene.Host.NewPerson());
                using var first = new Browser(scene.Host);
                await first.SignInAndAllow(app.Authorize(), person);
                using var browser = scene.Browser(first.Cookies);
                await browser.SignIn(app.Authorize(("prompt", "login")), person);
                await browser.Press(await browser.Get(app.Authorize(("prompt", "consent"))), "allow");
            },
            ["identity consent success again", "identity sign_in success again"]),
        ["device allowed"] = (
            async scene =>
            {
                var (client, device, browser) = await BeginDeviceSignIn(scene);
                await scene.Token(Devices.Poll(client, device.DeviceCode)); // Not allowed yet: pending is not an error.
                await browser.Press(await browser.Get(device.VerificationUriComplete), "allow");
                await scene.Host.Execute("update identity.tokens set properties = null "
                    + "where type like '%device_code' and properties like '%asked_at%'");
                await scene.Token(Devices.Poll(client, device.DeviceCode));
            },
            ["identity device.allow success", "identity sign_in success", "identity token.device_code success"]),
        ["device code used twice"] = (
            async scene =>
            {
                var (client, device, browser) = await BeginDeviceSignIn(scene);
                await browser.Press(await browser.Get(device.VerificationUriComplete), "allow");
                await scene.Token(Devices.Poll(client, device.DeviceCode));
                await scene.Token(Devices.Poll(client, device.DeviceCode));
            },
            [
                "identity device.allow success", "identity session.end success token_replayed", "identity sign_in success",
                "identity token.device_code refused invalid_grant", "identity token.device_code success",
                "identity token.replay refused device_code",
            ]),
        ["device denied"] = (
            async scene =>
            {
                var (client, device, browser) = await BeginDeviceSignIn(scene);
                await browser.Press(await browser.Get(device.VerificationUriComplete), "deny");
                await scene.Token(Devices.Poll(client, device.DeviceCode));
            },
            ["identity device.allow refused denied", "identity token.device_code refused access_denied"]),
        ["unknown user code of a device"] = (
            async scene =>
            {
                var (_, _, browser) = await BeginDeviceSignIn(scene);
                await browser.Get("/connect/verify?user_code=BBBB-BBBB");
            },
            ["identity device.allow refused token"]),
        ["device that requests a scope that the role does not have"] = (
            async scene =>
            {
                var (_, device, browser) = await BeginDeviceSignIn(scene, role: "admin");
                await browser.Press(await browser.Get(device.VerificationUriComplete), "allow");
            },
            ["identity device.allow refused forbidden"]),
        ["sign-in of another user in the same browser"] = (
            async scene =>
            {
                var (app, person, other) = (await scene.Host.NewApp(), await scene.Host.NewPerson(), await scene.Host.NewPerson());
                using var first = new Browser(scene.Host);
                await first.SignIn(app.Authorize(), person);
                using var browser = scene.Browser(first.Cookies);
                await browser.SignIn(app.Authorize(("prompt", "login")), other);
            },
            ["identity session.end success another_signed_in", "identity sign_in success"]),
        ["sign-out"] = (
            async scene =>
            {
                var (app, person) = (await scene.Host.NewApp(), await scene.Host.NewPerson());
                using var first = new Browser(scene.Host);
                var tokens = await scene.Host.Tokens(first, app, person);
                using var browser = scene.Browser(first.Cookies);
                await browser.Get(TestApp.Logout(("id_token_hint", tokens.IdToken)));
            },
            ["identity sign_out success"]),
        ["account activated"] = (
            async scene =>
            {
                using var admin = await scene.Host.Superadmin();
                var token = (await scene.Host.RegisterKnown(admin, TestUsers.NewName())).Token();
                using var client = scene.Client();
                await client.PostAsJsonAsync("/account/activate", new { token, password = TestUser.Password });
            },
            ["identity account.activate success"]),
        ["invalid activation token"] = (
            async scene =>
            {
                using var client = scene.Client();
                await client.PostAsJsonAsync("/account/activate", new { token = "none", password = TestUser.Password });
            },
            ["identity account.activate refused token"]),
        ["password changed"] = (
            async scene => await (await SignedInUser(scene)).PostAsJsonAsync(
                "/account/password", new { currentPassword = TestUser.Password, newPassword = "another good password" }),
            ["identity account.change_password success"]),
        ["password change with a wrong password"] = (
            async scene => await (await SignedInUser(scene)).PostAsJsonAsync(
                "/account/password", new { currentPassword = "a wrong password", newPassword = "another good password" }),
            ["identity account.change_password refused credentials"]),
        ["a second factor is turned on"] = (
            async scene =>
            {
                var self = await SignedInUser(scene);
                await self.Post($"{TwoFactorSetup.Route}/confirm", new { code = (await self.BeginSecondFactor()).Code() });
            },
            ["identity account.second_factor_begin success", "identity account.second_factor_on success"]),
        ["a second factor is not turned on"] = (
            async scene =>
            {
                var self = await SignedInUser(scene);
                await self.Post(TwoFactorSetup.Route, new { password = "a wrong password" });
                await self.Post($"{TwoFactorSetup.Route}/confirm", new { code = (await self.BeginSecondFactor()).WrongCode() });
            },
            [
                "identity account.second_factor_begin refused credentials", "identity account.second_factor_begin success",
                "identity account.second_factor_on refused second_factor",
            ]),
        ["a second factor is on already"] = (
            async scene => await (await WithSecondFactor(scene)).Self.Post(TwoFactorSetup.Route, new { password = TestUser.Password }),
            ["identity account.second_factor_begin refused conflict"]),
        ["a second factor is turned off"] = (
            async scene =>
            {
                var (_, app, self) = await WithSecondFactor(scene);
                await self.Post($"{TwoFactorSetup.Route}/off", new { password = TestUser.Password, code = app.Code() });
            },
            ["identity account.second_factor_off success"]),
        ["a second factor is not turned off"] = (
            async scene =>
            {
                var (_, app, self) = await WithSecondFactor(scene);
                await self.Post($"{TwoFactorSetup.Route}/off", new { password = "a wrong password", code = app.Code() });
                await self.Post($"{TwoFactorSetup.Route}/off", new { password = TestUser.Password, code = app.WrongCode() });
            },
            ["identity account.second_factor_off refused credentials", "identity account.second_factor_off refused second_factor"]),
        ["recovery codes are replaced"] = (
            async scene => await (await SignedInUser(scene)).Post("/account/recovery-codes", new { password = TestUser.Password }),
            ["identity account.replace_recovery_codes success"]),
        ["recovery codes are not replaced"] = (
            async scene =>
            {
                var (_, app, self) = await WithSecondFactor(scene);
                await self.Post("/account/recovery-codes", new { password = "a wrong password" });
                await self.Post("/account/recovery-codes", new { password = TestUser.Password, code = app.WrongCode() });
            },
            [
                "identity account.replace_recovery_codes refused credentials",
                "identity account.replace_recovery_codes refused second_factor",
            ]),
        ["recovery requested"] = (
            async scene => await scene.Client().Post("/account/recover", new { identifier = (await scene.Host.NewPerson()).Username }),
            ["identity account.ask_for_recovery success"]),
        ["recovery requested for an unknown username"] = (
            async scene => await scene.Client().Post("/account/recover", new { identifier = TestUsers.NewName() }),
            ["identity account.ask_for_recovery success"]),
        ["an account is recovered with a link"] = (
            async scene =>
            {
                var (verb, output) = ((string[])["recover", (await scene.Host.NewPerson()).Username], new StringWriter());
                await Idoven.Identity.IdentityModule.RunAccountVerb(
                    scene.Host.Services, verb, output, TextWriter.Null, TestContext.Current.CancellationToken);
                await scene.Client().Post(
                    "/account/recover/token",
                    new { token = Token().Match(output.ToString()).Groups["token"].Value, password = "another good password" });
            },
            ["identity account.recover success token"]),
        ["recovery with an invalid link"] = (
            async scene => await scene.Client().Post("/account/recover/token", new { token = "none", password = "another good password" }),
            ["identity account.recover refused token"]),
        ["an account is recovered with a code"] = (
            async scene =>
            {
                var person = await scene.Host.NewPerson();
                var (_, codes) = await scene.Host.TurnSecondFactorOn(person);
                await scene.Client().Post(
                    "/account/recover/code", new { identifier = person.Username, code = codes[0], password = "another good password" });
            },
            ["identity account.recover success recovery_code"]),
        ["recovery with an invalid code, of a user and of an unknown username"] = (
            async scene =>
            {
                foreach (var identifier in new[] { (await scene.Host.NewPerson()).Username, TestUsers.NewName() })
                {
                    await scene.Client().Post(
                        "/account/recover/code", new { identifier, code = "aaaa-aaaa-aaaa-aaaa", password = "another good password" });
                }
            },
            ["identity account.recover refused recovery_code", "identity account.recover refused recovery_code"]),
        ["e-mail verification requested"] = (
            async scene => await (await SignedInUser(scene)).PostAsync("/account/email/verification", null),
            ["identity account.ask_for_verification success"]),
        ["an address is verified"] = (
            async scene =>
            {
                var token = await EmailVerificationToken(scene);
                await scene.Client().Post("/account/email/verify", new { token, password = "a wrong password" });
                await scene.Client().Post("/account/email/verify", new { token, password = TestUser.Password });
            },
            ["identity account.verify_email refused credentials", "identity account.verify_email success"]),
        ["e-mail verification with an invalid token"] = (
            async scene => await scene.Client().Post("/account/email/verify", new { token = "none", password = TestUser.Password }),
            ["identity account.verify_email refused token"]),
        ["a session is ended"] = (
            async scene =>
            {
                var token = (await scene.Host.Token(await scene.Host.NewPerson())).AccessToken;
                await scene.Client(token).DeleteAsync($"/account/sessions/{new JsonWebToken(token).GetClaim("sid").Value}");
            },
            ["identity session.end success"]),
        ["session of another user is not ended"] = (
            async scene => await (await SignedInUser(scene)).DeleteAsync($"/account/sessions/{Guid.CreateVersion7()}"),
            ["identity session.end refused not_found"]),
        ["all sessions are ended"] = (
            async scene => await (await SignedInUser(scene)).DeleteAsync("/account/sessions"), ["identity session.end_all success"]),
        ["consent withdrawn"] = (
            async scene =>
            {
                var (app, person) = (await scene.Host.NewApp(), await scene.Host.NewPerson());
                using var browser = new Browser(scene.Host);
                await browser.SignInAndAllow(app.Authorize(), person);
                await scene.Client((await scene.Host.Token(person)).AccessToken).DeleteAsync($"/account/applications/{app.Id}");
            },
            ["identity consent.withdraw success"]),
        ["consent that was not given is not withdrawn"] = (
            async scene => await (await SignedInUser(scene)).DeleteAsync($"/account/applications/{Guid.CreateVersion7()}"),
            ["identity consent.withdraw refused not_found"]),
        ["a client is registered"] = (
            async scene => await (await scene.Superadmin()).NewClient("ecgs:read"), ["identity client.register success"]),
        ["a client is not registered by a user"] = (
            async scene => await (await SignedInUser(scene)).PostAsJsonAsync(
                TestClients.Route, new { name = "mine", scopes = new[] { "ecgs:read" } }),
            ["identity client.register refused forbidden"]),
        ["an enrolment is issued"] = (
            async scene => await (await scene.Superadmin()).PostAsync(
                $"{TestClients.Route}/{(await NewEnrollingClient(scene)).ClientId()}/enrolment", null),
            ["identity client.issue_enrolment success"]),
        ["an enrolment of a client with a credential is not issued"] = (
            async scene => await (await scene.Superadmin()).PostAsync($"{TestClients.Route}/{await NewClient(scene)}/enrolment", null),
            ["identity client.issue_enrolment refused conflict"]),
        ["a client enrols, and its token is tried again"] = (
            async scene =>
            {
                var client = await NewEnrollingClient(scene);
                await scene.Client().Post(
                    $"{TestClients.Route}/enrolment", new { clientId = client.ClientId(), token = client.EnrolmentToken() });
                await scene.Client().Post(
                    $"{TestClients.Route}/enrolment", new { clientId = client.ClientId(), token = client.EnrolmentToken() });
            },
            ["identity client.enrol refused used_token", "identity client.enrol success"]),
        ["an enrolment token is invalid"] = (
            async scene => await scene.Client().Post($"{TestClients.Route}/enrolment", new { clientId = "none", token = "none" }),
            ["identity client.enrol refused token"]),
        ["enrolment with the token of another client"] = (
            async scene => await scene.Client().Post(
                $"{TestClients.Route}/enrolment",
                new { clientId = await NewClient(scene), token = (await NewEnrollingClient(scene)).EnrolmentToken() }),
            ["identity client.enrol refused token", "identity client.enrol refused token"]),
        ["a secret is rotated"] = (
            async scene => await (await scene.Superadmin()).PostAsync(
                $"{TestClients.Route}/{await NewClient(scene, "users:read")}/secrets", null),
            ["identity client.rotate_secret success"]),
        ["a secret of a client for ECGs is not rotated by an administrator"] = (
            async scene => await (await scene.Superadmin()).PostAsync($"{TestClients.Route}/{await NewClient(scene)}/secrets", null),
            ["identity client.rotate_secret refused forbidden"]),
        ["a client is renamed, disabled and enabled"] = (
            async scene =>
            {
                var (admin, id) = (await scene.Superadmin(), await NewClient(scene));
                await admin.PatchClient(id, """{"name":"another"}""");
                await admin.PatchClient(id, """{"name":"another","enabled":true}"""); // Unchanged.
                await admin.PatchClient(id, """{"enabled":false}""");
                await admin.PatchClient(id, """{"enabled":true}""");
            },
            ["identity client.change success", "identity client.disable success", "identity client.enable success"]),
        ["a client's keys are replaced"] = (
            async scene => await (await scene.Superadmin()).PatchClient(
                await NewClient(scene, "users:read"), $$"""{"jwks":{{NewKeySet()}}}"""),
            ["identity client.replace_keys success"]),
        ["keys of a client for ECGs are not replaced by an administrator"] = (
            async scene => await (await scene.Superadmin()).PatchClient(await NewClient(scene), $$"""{"jwks":{{NewKeySet()}}}"""),
            ["identity client.change refused forbidden"]),
        ["a client is not changed by a user"] = (
            async scene => await (await SignedInUser(scene)).PatchClient(await NewClient(scene), """{"enabled":false}"""),
            ["identity client.change refused forbidden"]),
        ["unknown client is changed"] = (
            async scene => await (await scene.Superadmin()).PatchClient($"{Guid.CreateVersion7()}", """{"enabled":false}"""),
            ["identity client.change refused not_found"]),
        ["a client is deleted"] = (
            async scene => await (await scene.Superadmin()).DeleteAsync($"{TestClients.Route}/{await NewClient(scene)}"),
            ["identity client.delete success"]),
        ["unknown client is deleted"] = (
            async scene => await (await scene.Superadmin()).DeleteAsync($"{TestClients.Route}/{Guid.CreateVersion7()}"),
            ["identity client.delete refused not_found"]),
        ["audit log of Identity is read"] = (
            async scene => await (await scene.Superadmin()).GetAsync($"{TestClients.Route}/audit"), ["identity audit.read success"]),
        ["audit log of Identity is not read by a user"] = (
            async scene => await (await SignedInUser(scene)).GetAsync($"{TestClients.Route}/audit"),
            ["identity audit.read refused forbidden"]),
        ["parked message of Identity is replayed"] = (
            async scene => await ActOnParkedMessage(scene, "identity", "replay"),
            ["identity parked.replay success"]),
        ["parked message of Users is discarded"] = (
            async scene => await ActOnParkedMessage(scene, "users", "discard"), ["users parked.discard success"]),
        ["unknown parked message of Users is discarded"] = (
            async scene => await (await scene.Superadmin()).PostAsync(
                $"/api/v1/users/operations/parked/{Guid.CreateVersion7()}/discard", null),
            ["users parked.discard refused not_found"]),
        ["a user is registered"] = (
            async scene => await (await scene.Superadmin()).Register(TestUsers.NewName()), ["users user.register success"]),
        ["registration with a username that is taken"] = (
            async scene => await (await scene.Superadmin()).PostAsync(
                TestUsers.Route, TestUsers.Json("""{"username":"user","role":"user"}""")),
            ["users user.register refused conflict"]),
        ["an activation is issued"] = (
            async scene => await (await scene.Superadmin()).PostAsync($"{TestUsers.Route}/{await NewUser(scene)}/activation", null),
            ["users user.issue_activation success"]),
        ["a user is disabled, and enabled"] = (
            async scene =>
            {
                var (admin, user) = (await scene.Superadmin(), (await scene.Host.NewPerson()).Id);
                await admin.Patch(user, """{"enabled":false}""");
                await admin.Patch(user, """{"enabled":true}""");
            },
            ["identity account.disable success", "users user.disable success", "users user.enable success"]),
        ["user changes the display name"] = (
            async scene =>
            {
                var person = await scene.Host.NewPerson();
                await scene.Client((await scene.Host.Token(person)).AccessToken).Patch(person.Id, """{"displayName":"Ada"}""");
            },
            ["users user.change success"]),
        ["user changes the username and the e-mail address"] = (
            async scene =>
            {
                var person = await scene.Host.NewPerson();
                await scene.Client((await scene.Host.Token(person)).AccessToken).Patch(
                    person.Id, $$"""{"username":"{{TestUsers.NewName()}}","email":"{{EmailCalls.NewAddress()}}"}""");
            },
            ["users user.change success"]),
        ["a user is deleted"] = (
            async scene => await (await scene.Superadmin()).DeleteAsync($"{TestUsers.Route}/{(await scene.Host.NewPerson()).Id}"),
            // Ecgs erases later, in its own trace.
            ["identity account.erase success", "users user.delete success", "users user.finish_erasure success identity"]),
        ["unknown user is deleted"] = (
            async scene => await (await scene.Superadmin()).DeleteAsync($"{TestUsers.Route}/{Guid.CreateVersion7()}"),
            ["users user.delete refused not_found"]),
        ["audit log of Users is read"] = (
            async scene => await (await scene.Superadmin()).GetAsync($"{TestUsers.Route}/audit"), ["users audit.read success"]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory, MemberData(nameof(Names))]
    public async Task Action_writes_exactly_the_expected_audit_rows(string name)
    {
        var scene = new AuditScenario(parts);
        await Cases[name].Run(scene);
        var expected = Cases[name].Rows;

        // Effects of messages are recorded a moment later.
        string[] rows = [];
        await Eventually.Holds(async () => (rows = await scene.Rows()).Length >= expected.Length);
        Assert.Equal(expected, rows);
    }

    [Fact]
    public async Task Commands_on_the_host_are_recorded_with_the_subject_host()
    {
        string id;
        using (var output = new StringWriter())
        {
            await Verb(output, "register", "a gateway", "ecgs:read");
            id = Id().Match(output.ToString()).Groups["id"].Value;
        }

        await Verb(TextWriter.Null, "grant", id, "events:read");
        await Verb(TextWriter.Null, "secret", id);
        await Verb(TextWriter.Null, "revoke", id, "events:read");
        await Verb(TextWriter.Null, "disable", id);
        await Verb(TextWriter.Null, "enable", id);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, NewKeySet());
        await Verb(TextWriter.Null, "keys", id, $"@{file}");
        File.Delete(file);

        Assert.Equal(
            [
                "client.register host", "client.grant host", "client.rotate_secret host", "client.revoke host", "client.disable host",
                "client.enable host",
                "client.replace_keys host",
            ],
            await Recorded(id));

        var (person, _, _) = await WithSecondFactor(new AuditScenario(parts));
        var before = await Recorded($"{person.Id}");
        foreach (var word in new[] { "show", "recover", "second-factor-off", "second-factor-off" })
        {
            await Idoven.Identity.IdentityModule.RunAccountVerb(
                parts.Host.Services, [word, person.Username], TextWriter.Null, TextWriter.Null, TestContext.Current.CancellationToken);
        }

        Assert.Equal(["account.issue_recovery host", "account.second_factor_off host"], (await Recorded($"{person.Id}"))[before.Length..]);

        Task<string[]> Recorded(string target) => parts.Host.Query<string[]>(
            "select array_agg(concat_ws(' ', action, subject, client_id, host(address)) order by id) from identity.audit where target = $1",
            target);

        Task<int> Verb(TextWriter output, params string[] words) =>
            Idoven.Identity.IdentityModule.RunClientVerb(
                parts.Host.Services, words, TextReader.Null, output, TextWriter.Null, TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// The response is sent before the account is looked up, so the audit row of the request cannot show whether there is one.
    /// </summary>
    [Fact]
    public async Task Recovery_link_is_recorded_when_it_is_created_and_the_request_for_it_names_no_account()
    {
        var person = await parts.Host.NewPerson();
        var email = await parts.VerifyNewEmail(person);
        var scene = new AuditScenario(parts);
        await scene.Client().Post("/account/recover", new { identifier = email });
        await scene.Client().Post("/account/recover", new { identifier = TestUsers.NewName() });

        await parts.Mail.Letter(email, EmailCalls.Recovery);
        Assert.Equal(
            [$"account.ask_for_recovery {scene.Address}", $"account.ask_for_recovery {scene.Address}"],
            await parts.Host.Query<string[]>(
                "select array_agg(concat_ws(' ', action, reason, subject, client_id, target, host(address))) from identity.audit"
                + " where trace_id = $1",
                scene.Trace));
        Assert.Equal("success email host", await parts.Host.Query<string>(
            "select concat_ws(' ', outcome, reason, subject, client_id, host(address)) from identity.audit"
            + " where action = 'account.issue_recovery' and target = $1",
            $"{person.Id}"));
    }

    [Fact]
    public void Every_route_that_changes_data_names_its_audit_action()
    {
        var routes = parts.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.Empty(Unnamed(routes));
        Assert.Equal(
            ["POST /api/v1/users/forgotten"],
            Unnamed(
                [
                    HostRoutes.Create("POST", "/api/v1/users/forgotten"), HostRoutes.Create("GET", "/api/v1/users/read"),
                    HostRoutes.Create("POST", "/account/known", new AuditedRoute("identity", "x")),
                ]));

        // An action name that no test case records would not be checked by any test.
        var recorded = Cases.Values.SelectMany(test => test.Rows).Select(row => row.Split(' ')[1]).ToHashSet();
        Assert.Empty(
            routes.Select(route => route.Metadata.GetMetadata<AuditedRoute>())
                .OfType<AuditedRoute>().Where(route => route.Module != "ecgs").Select(route => route.Action).Except(recorded));
    }

    [Fact]
    public void Every_handler_that_changes_data_uses_the_audit_log()
    {
        var handlers = new[] { typeof(Idoven.Identity.IdentityModule), typeof(UsersModule) }
            .SelectMany(module =>
                module.Assembly.GetTypes().Where(type =>
                    type.IsClass
                    && !type.IsGenericType
                    && type.Name.EndsWith("Handler", StringComparison.Ordinal)
                    && type.Namespace!.StartsWith($"{module.Namespace}.", StringComparison.Ordinal)))
            .ToList();
        Assert.True(handlers.Count > 20, "the handlers were not found");
        Assert.Empty(NotRecorded(handlers));
        Assert.Equal([nameof(ForgottenHandler)], NotRecorded([typeof(ForgottenHandler)]));
    }

    [Fact]
    public async Task Documentation_lists_exactly_the_audit_actions()
    {
        var listed = Listed()
            .Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "audit.md")))
            .Select(match => match.Groups["action"].Value).ToHashSet();
        var known = new[] { typeof(Idoven.Identity.IdentityModule), typeof(UsersModule) }
            .SelectMany(module =>
                module.Assembly.GetTypes().Single(type => type.Name == "AuditActions").GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => (string)field.GetRawConstantValue()!);

        // AccessLogRouteTests checks the actions of Ecgs.
        var accesses = typeof(Idoven.Ecgs.EcgsModule).Assembly.GetType("Idoven.Ecgs.Application.Accesses.AccessActions")!
            .GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(
            Cases.Values.SelectMany(test => test.Rows)
                .Select(row => row.Split(' ')[1]).Concat(known).Concat(accesses).Append(AuditEndpoints.Read).Distinct()
                .Order(StringComparer.Ordinal),
            listed.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Unnamed(IEnumerable<RouteEndpoint> routes) =>
        from route in routes
        let path = route.Address()
        let method = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Single() ?? "GET"
        where method != "GET"
        where route.Metadata.GetMetadata<AuditedRoute>() is null && !RecordedByHandlers.Contains(path)
        select $"{method} {path}";

    private static IEnumerable<string> NotRecorded(IEnumerable<Type> handlers) =>
        from handler in handlers
        where !handler.GetConstructors().Single().GetParameters()
            .Any(parameter => parameter.ParameterType.IsAssignableTo(typeof(IAuditLog)))
        where !WithoutAuditLog.ContainsKey(handler.Name)
            && !WithoutAuditLog.ContainsKey($"{handler.Name} of {handler.Namespace!.Split('.')[1]}")
        select handler.Name;

    private static Dictionary<string, string> PasswordForm(string username, string password, string scope = "openid") => new()
    {
        ["grant_type"] = "password",
        ["client_id"] = "idoven-cli",
        ["username"] = username,
        ["password"] = password,
        ["scope"] = scope,
    };

    private static Dictionary<string, string> RefreshForm(string token) =>
        new() { ["grant_type"] = "refresh_token", ["client_id"] = "idoven-cli", ["refresh_token"] = token };

    private static Dictionary<string, string> ClientCredentialsForm(string id, string secret) =>
        new() { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = secret };

    private static async Task<HttpClient> SignedInUser(AuditScenario scene) =>
        scene.Client((await scene.Host.Token(await scene.Host.NewPerson())).AccessToken);

    private static async Task<(TestUser Person, Authenticator App, HttpClient Self)> WithSecondFactor(AuditScenario scene)
    {
        var person = await scene.Host.NewPerson();
        var self = scene.Client((await scene.Host.Token(person)).AccessToken);
        return (person, (await scene.Host.TurnSecondFactorOn(person)).App, self);
    }

    private static async Task<WebPage> SignInWithPassword(
        Browser browser, TestApp client, TestUser person, params (string, string?)[] parameters) =>
        await browser.Press(
            await browser.Get(client.Authorize(parameters)), "sign-in", ("username", person.Username), ("password", TestUser.Password));

    /// <summary>Starts a device sign-in, and signs a user who may allow it in with a browser.</summary>
    private static async Task<(string Client, Device Device, Browser Browser)> BeginDeviceSignIn(AuditScenario scene, string role = "user")
    {
        var client = await scene.Host.NewDevice();
        var device = await scene.Host.BeginDevice(client);
        using var first = new Browser(scene.Host);
        await first.SignIn(device.VerificationUriComplete, await scene.Host.NewPerson(role));
        return (client, device, scene.Browser(first.Cookies));
    }

    private static async Task<string> EmailVerificationToken(AuditScenario scene)
    {
        var (person, email) = (await scene.Host.NewPerson(), EmailCalls.NewAddress());
        using var self = await scene.Host.SignIn(person);
        await self.Patch(person.Id, $$"""{"email":"{{email}}"}""");
        return MailServer.Token(await scene.Parts.Mail.Letter(email, EmailCalls.Verification));
    }

    /// <summary>Returns a JWK set with a new key.</summary>
    private static string NewKeySet() => JsonSerializer.Serialize(new { keys = new[] { SigningClients.NewKey("ES256").Jwk } });

    private static async Task<string> NewClient(AuditScenario scene, string scope = "ecgs:read")
    {
        using var admin = await scene.Host.Superadmin();
        return (await admin.NewClient(scope)).Id;
    }

    /// <summary>Registers a client that has an enrolment token but no credential yet.</summary>
    private static async Task<JsonElement> NewEnrollingClient(AuditScenario scene)
    {
        using var admin = await scene.Host.Superadmin();
        return await admin.RegisterClient("ecgs:read");
    }

    private static async Task<Guid> NewUser(AuditScenario scene)
    {
        using var admin = await scene.Host.Superadmin();
        return (await admin.Register(TestUsers.NewName())).Id();
    }

    private static async Task ActOnParkedMessage(AuditScenario scene, string module, string action)
    {
        var id = await new Contract.Samples(scene.Host).ParkMessage(module);
        using var response = await (await scene.Superadmin()).PostAsync($"/api/v1/{module}/operations/parked/{id}/{action}", null);
        Assert.True(response.IsSuccessStatusCode);
    }

    [GeneratedRegex("(?m)^id +(?<id>[0-9a-f-]{36})")]
    private static partial Regex Id();

    [GeneratedRegex("(?m)^token +(?<token>[A-Za-z0-9_-]{43})")]
    private static partial Regex Token();

    [GeneratedRegex("<p><code>(?<secret>[A-Z2-7 ]+)</code></p>")]
    private static partial Regex Secret();

    [GeneratedRegex("(?m)^\\| `(?<action>[a-z_.]+)` \\|")]
    private static partial Regex Listed();

    private sealed class ForgottenHandler;
}
