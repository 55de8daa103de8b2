using System.Net;
using System.Net.Http.Json;
using Idoven.Host.Tests.Parts;
using Idoven.Users.Contracts;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Idoven.Host.Tests.Identity;

/// <summary>Tests that users can change the name or address that they sign in with while their id stays the same.</summary>
public sealed class LoginIdentifierTests(RunningParts parts)
{
    [Fact]
    public async Task Verified_email_address_can_be_used_to_sign_in()
    {
        var person = await parts.Host.NewPerson();
        var email = EmailCalls.NewAddress();
        using var self = await parts.Host.SignIn(person);
        await self.Patch(person.Id, $$"""{"email":"{{email}}"}""");
        var letter = await parts.Mail.Letter(email, EmailCalls.Verification);
        var token = MailServer.Token(letter);
        Assert.Contains(person.Username, letter.TextBody, StringComparison.Ordinal);

        Assert.Equal("invalid_grant", await SignInError(email));
        Assert.Equal("/password", await Verify(token, "a wrong password").Pointer());
        Assert.Equal("/token", await Verify("no such token", TestUser.Password).Pointer());
        Assert.Equal("invalid_grant", await SignInError(email));
        using var browser = new Browser(parts.Host);
        for (var looked = 0; looked < 2; looked++)
        {
            Assert.Equal("Verify your e-mail address", (await browser.Get($"/account/email?token={token}")).Heading);
        }

        var page = await browser.Press(await browser.Get($"/account/email?token={token}"), "verify", ("password", "a wrong password"));
        Assert.Equal((HttpStatusCode.BadRequest, "Verify your e-mail address"), (page.Status, page.Heading));
        Assert.Equal("Your e-mail address is verified", (await browser.Press(page, "verify", ("password", TestUser.Password))).Heading);

        Assert.Equal(person.Id.ToString(), await Subject(email.ToUpperInvariant(), TestUser.Password));
        Assert.Equal(person.Id.ToString(), await Subject(person.Username, TestUser.Password));
        Assert.Equal("/token", await Verify(token, TestUser.Password).Pointer());
    }

    [Fact]
    public async Task Verification_link_allows_only_a_few_wrong_passwords()
    {
        var person = await parts.Host.NewPerson();
        var email = EmailCalls.NewAddress();
        using var self = await parts.Host.SignIn(person);
        await self.Patch(person.Id, $$"""{"email":"{{email}}"}""");
        var token = MailServer.Token(await parts.Mail.Letter(email, EmailCalls.Verification));

        for (var tries = 0; tries < 5; tries++)
        {
            Assert.Equal("/password", await Verify(token, $"a wrong password {tries}").Pointer());
        }

        Assert.Equal("/token", await Verify(token, TestUser.Password).Pointer());
        Assert.Equal(HttpStatusCode.Accepted, (await self.PostAsync("/account/email/verification", null)).StatusCode);
        var another = MailServer.Token(await parts.Mail.Letter(email, EmailCalls.Verification, before: 1));
        Assert.Equal(HttpStatusCode.NoContent, (await Verify(another, TestUser.Password)).StatusCode);
    }

    [Fact]
    public async Task Changed_address_must_be_verified_and_the_old_one_gets_a_notice_and_cannot_sign_in()
    {
        var person = await parts.Host.NewPerson();
        var (first, second) = (await parts.VerifyNewEmail(person), EmailCalls.NewAddress());
        using var self = await parts.Host.SignIn(person);
        Assert.Equal(person.Id.ToString(), await Subject(first, TestUser.Password));

        await self.Patch(person.Id, $$"""{"email":"{{second}}"}""");

        var told = await parts.Mail.Letter(first, "Your e-mail address was changed");
        Assert.DoesNotContain(second, told.TextBody, StringComparison.Ordinal);
        var token = MailServer.Token(await parts.Mail.Letter(second, EmailCalls.Verification));
        Assert.Equal(("invalid_grant", "invalid_grant"), (await SignInError(first), await SignInError(second)));
        Assert.Equal(HttpStatusCode.NoContent, (await Verify(token, TestUser.Password)).StatusCode);
        Assert.Equal(person.Id.ToString(), await Subject(second, TestUser.Password));

        // The link verifies only the first address.
        await self.Patch(person.Id, $$"""{"email":"{{first}}","displayName":"Ada"}""");
        await parts.Mail.Letter(first, EmailCalls.Verification, before: 1);
        Assert.Equal("invalid_grant", await SignInError(first));
    }

    [Fact]
    public async Task A_username_that_is_another_users_verified_address_is_rejected_and_one_of_an_earlier_version_hides_no_user()
    {
        var (owner, pretender) = (await parts.Host.NewPerson(), await parts.Host.NewPerson());
        var email = await parts.VerifyNewEmail(owner);
        using var self = await parts.Host.SignIn(pretender);
        Assert.Equal("/username", await self.Patch(pretender.Id, $$"""{"username":"{{email}}"}""").Pointer());

        await parts.Host.Execute(
            $"update identity.accounts set user_name = '{email}', normalized_user_name = '{email.ToUpperInvariant()}' "
                + $"where id = '{pretender.Id}'");

        Assert.Equal(owner.Id.ToString(), await Subject(email, TestUser.Password));
        Assert.Equal(HttpStatusCode.NoContent, (await self.PostAsJsonAsync(
            "/account/password", new { currentPassword = TestUser.Password, newPassword = "the pretender's password" })).StatusCode);
        Assert.Equal("invalid_grant", await SignInError(email, "the pretender's password"));
    }

    [Fact]
    public async Task An_address_that_another_user_gave_and_did_not_verify_does_not_block_its_owner()
    {
        var (other, owner) = (await parts.Host.NewPerson(), await parts.Host.NewPerson());
        var email = EmailCalls.NewAddress();
        using var another = await parts.Host.SignIn(other);
        using var self = await parts.Host.SignIn(owner);
        Assert.Equal(HttpStatusCode.OK, (await another.Patch(other.Id, $$"""{"email":"{{email}}"}""")).StatusCode);
        var ofOther = MailServer.Token(await parts.Mail.Letter(email, EmailCalls.Verification));

        Assert.Equal(HttpStatusCode.OK, (await self.Patch(owner.Id, $$"""{"email":"{{email.ToUpperInvariant()}}"}""")).StatusCode);
        var ofOwner = MailServer.Token(await parts.Mail.Letter(email.ToUpperInvariant(), EmailCalls.Verification));
        Assert.Equal(HttpStatusCode.NoContent, (await Verify(ofOwner, TestUser.Password)).StatusCode);

        // An address identifies only the user who verified it.
        Assert.Equal("/token", await Verify(ofOther, TestUser.Password).Pointer());
        Assert.Equal(owner.Id.ToString(), await Subject(email, TestUser.Password));
    }

    [Fact]
    public async Task User_who_takes_a_freed_username_gets_no_access_to_the_earlier_account()
    {
        var (first, second) = (await parts.Host.NewPerson(), await parts.Host.NewPerson());
        var firstToken = await parts.Host.Token(first);
        using var before = parts.Host.Client(firstToken.AccessToken);
        var ecg = await before.Submit();
        var newName = TestUsers.NewName();
        Assert.Equal(HttpStatusCode.OK, (await before.Patch(first.Id, $$"""{"username":"{{newName}}"}""")).StatusCode);
        using (var taker = await parts.Host.SignIn(second))
        {
            Assert.Equal(HttpStatusCode.OK, (await taker.Patch(second.Id, $$"""{"username":"{{first.Username}}"}""")).StatusCode);
        }

        // The two messages may arrive in any order: one that finds the name taken is delivered again.
        await Eventually.Holds(
            async () => await SubjectOrNull(first.Username) == second.Id.ToString() && await SubjectOrNull(newName) == first.Id.ToString());

        Assert.Equal("invalid_grant", await SignInError(second.Username));
        using var other = parts.Host.Client((await parts.Host.Token(first.Username, TestUser.Password, second.Scopes)).AccessToken);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);
        var refreshed = await parts.Host.Token(
            new() { ["grant_type"] = "refresh_token", ["client_id"] = "idoven-cli", ["refresh_token"] = firstToken.RefreshToken! });
        Assert.Equal(first.Id.ToString(), new JsonWebToken(refreshed.AccessToken).Subject);

        async Task<string?> SubjectOrNull(string name) => await SignInError(name) is null ? await Subject(name, TestUser.Password) : null;
    }

    [Fact]
    public async Task Change_to_a_taken_username_is_rejected()
    {
        var (person, other) = (await parts.Host.NewPerson(), await parts.Host.NewPerson());
        using var self = await parts.Host.SignIn(person);

        var problem = await (await self.Patch(person.Id, $$"""{"username":"{{other.Username.ToUpperInvariant()}}"}""")).Problem(
            HttpStatusCode.Conflict);

        Assert.Equal("/problems/taken", problem.GetProperty("type").GetString());
        Assert.Equal(person.Id.ToString(), await Subject(person.Username, TestUser.Password));
    }

    [Fact]
    public async Task Login_identifier_can_be_changed_only_shortly_after_sign_in()
    {
        var person = await parts.Host.NewPerson();
        using var stale = parts.Host.Client(Token(minutesAgo: 16));
        using var fresh = parts.Host.Client(Token(minutesAgo: 14));
        var email = EmailCalls.NewAddress();

        foreach (var body in new[] { $$"""{"username":"{{TestUsers.NewName()}}"}""", $$"""{"email":"{{email}}"}""" })
        {
            using var refused = await stale.Patch(person.Id, body);
            await refused.Problem(HttpStatusCode.Unauthorized);
            Assert.Equal(
                "Bearer error=\"insufficient_user_authentication\", error_description=\"A recent sign-in is needed\", max_age=\"900\"",
                refused.Headers.WwwAuthenticate.ToString());
        }

        Assert.Equal(
            HttpStatusCode.OK, (await stale.Patch(person.Id, $$"""{"username":"{{person.Username}}","displayName":"Ada"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await fresh.Patch(person.Id, $$"""{"email":"{{email}}"}""")).StatusCode);

        string Token(int minutesAgo) => HandMadeToken.Create(
            parts.Host, parts.Settings.Issuer, person.Id, UsersScopes.Audience, "users:read users:write",
            ("auth_time", $"{TimeProvider.System.GetUtcNow().AddMinutes(-minutesAgo).ToUnixTimeSeconds()}"));
    }

    private Task<HttpResponseMessage> Verify(string token, string password) =>
        parts.Host.Anonymous.Post("/account/email/verify", new { token, password });

    private Task<string?> SignInError(string username, string password = TestUser.Password) =>
        parts.Host.TokenError(Grant(username, password));

    private async Task<string> Subject(string username, string password) =>
        new JsonWebToken((await parts.Host.Token(Grant(username, password))).AccessToken).Subject;

    private static Dictionary<string, string> Grant(string username, string password) => new()
    {
        ["grant_type"] = "password",
        ["client_id"] = "idoven-cli",
        ["username"] = username,
        ["password"] = password,
        ["scope"] = "openid",
    };
}
