using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Users;

public sealed class ChangeUserTests(RunningParts parts)
{
    [Fact]
    public async Task User_changes_own_contact_data_and_absent_members_stay_unchanged()
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);

        Assert.Equal(
            HttpStatusCode.OK,
            (await self.Patch(person.Id, $$"""{"email":"{{person.Username}}@example.org","displayName":"Ada"}""")).StatusCode);
        using var changed = await self.Patch(person.Id, """{"displayName":null}""");

        var user = await changed.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"{person.Username}@example.org", user.GetProperty("email").GetString());
        Assert.Equal(JsonValueKind.Null, user.GetProperty("displayName").ValueKind);
        using var read = await self.GetAsync($"{TestUsers.Route}/me");
        Assert.Equal(changed.Headers.ETag, read.Headers.ETag);
        await Eventually.Holds(async () => await parts.Host.Query<long>(
            "select count(*) from identity.accounts where id = $1 and email = $2", person.Id, $"{person.Username}@example.org") == 1);
    }

    [Fact]
    public async Task A_change_without_a_version_gets_428_and_one_of_an_old_version_412()
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);
        await Eventually.Holds(async () =>
            (await self.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/me")).GetProperty("activatedAt").ValueKind
            != JsonValueKind.Null);
        var first = (await self.GetAsync($"{TestUsers.Route}/me")).Headers.ETag!.ToString();

        await (await self.Patch(person.Id, """{"displayName":"A"}""", ifMatch: null)).Problem(HttpStatusCode.PreconditionRequired);
        Assert.Equal(HttpStatusCode.OK, (await self.Patch(person.Id, """{"displayName":"A"}""", first)).StatusCode);
        await (await self.Patch(person.Id, """{"displayName":"B"}""", first)).Problem(HttpStatusCode.PreconditionFailed);
        await (await self.Patch(person.Id, """{"displayName":"B"}""", $"W/{first}")).Problem(HttpStatusCode.PreconditionFailed);
        await (await self.Patch(person.Id, """{"displayName":"B"}""", "nonsense")).Problem(HttpStatusCode.PreconditionFailed);
        await (await self.Patch(Guid.CreateVersion7(), """{"displayName":"B"}""", ifMatch: null)).Problem(HttpStatusCode.NotFound);
        await (await self.Patch(Guid.CreateVersion7(), """{"displayName":"B"}""")).Problem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Of_two_changes_at_once_from_the_same_version_one_gets_412()
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);
        await Eventually.Holds(async () =>
            (await self.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/me")).GetProperty("activatedAt").ValueKind
            != JsonValueKind.Null);
        var version = (await self.GetAsync($"{TestUsers.Route}/me")).Headers.ETag!.ToString();

        var responses = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => self.Patch(person.Id, $$"""{"displayName":"{{i}}"}""", version)));

        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.OK);
        Assert.Equal(7, responses.Count(response => response.StatusCode == HttpStatusCode.PreconditionFailed));
    }

    [Theory]
    [InlineData("""{"role":"admin"}""", "/role")]
    [InlineData("""{"username":"ro ot"}""", "/username")]
    [InlineData("""{"username":null}""", "/username")]
    [InlineData("""{"hasUsername":true}""", "/hasUsername")]
    [InlineData("""{"version":1}""", "/version")]
    [InlineData("""{"status":"active"}""", "/status")]
    [InlineData("""{"hasEmail":true}""", "/hasEmail")]
    [InlineData("""{"enabled":"yes"}""", "/enabled")]
    [InlineData("""{"email":"x"}""", "/email")]
    [InlineData("""{"displayName":17}""", "/displayName")]
    public async Task Invalid_member_of_a_user_change_gets_400_with_the_pointer(string body, string pointer)
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);

        Assert.Equal(pointer, await self.Patch(person.Id, body).Pointer());
    }

    [Fact]
    public async Task A_disabled_user_cannot_sign_in_and_an_enabled_one_can_again()
    {
        var person = await parts.Host.NewPerson();
        using var admin = await parts.Host.Admin();

        Assert.Equal(HttpStatusCode.OK, (await admin.Patch(person.Id, """{"enabled":false}""")).StatusCode);
        await Eventually.Holds(async () => await Refused(person));
        Assert.Equal(HttpStatusCode.OK, (await admin.Patch(person.Id, """{"enabled":true}""")).StatusCode);
        await Eventually.Holds(async () => !await Refused(person));
    }

    private async Task<bool> Refused(TestUser person)
    {
        try
        {
            await parts.Host.Token(person);
            return false;
        }
        catch (InvalidOperationException e)
        {
            Assert.Contains("invalid_grant", e.Message, StringComparison.Ordinal);
            return true;
        }
    }
}
