using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Users;

/// <summary>Tests which users a caller can see, list, change and delete.</summary>
public sealed class UserAccessTests(RunningParts parts)
{
    [Fact]
    public async Task User_sees_only_its_own_account()
    {
        var person = await parts.Host.NewPerson();
        using var self = await parts.Host.SignIn(person);
        var other = await parts.Host.NewPerson();

        Assert.Equal(
            person.Username, (await self.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/me")).GetProperty("username").GetString());
        Assert.Equal(HttpStatusCode.OK, (await self.GetAsync($"{TestUsers.Route}/{person.Id}")).StatusCode);
        foreach (var id in new[] { other.Id.ToString(), Guid.CreateVersion7().ToString(), "no-id" })
        {
            await (await self.GetAsync($"{TestUsers.Route}/{id}")).Problem(HttpStatusCode.NotFound);
        }

        await (await self.GetAsync(TestUsers.Route)).Problem(HttpStatusCode.Forbidden);
        await (await self.DeleteAsync($"{TestUsers.Route}/{person.Id}")).Problem(HttpStatusCode.Forbidden);
        await (await self.PostAsync($"{TestUsers.Route}/{other.Id}/activation", null)).Problem(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_admin_administers_users_and_does_not_see_admins()
    {
        var user = await parts.Host.NewPerson();
        var other = await parts.Host.NewPerson("admin");
        using var admin = await parts.Host.Admin();
        using var superadmin = await parts.Host.Superadmin();

        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"{TestUsers.Route}/{user.Id}")).StatusCode);
        await (await admin.GetAsync($"{TestUsers.Route}/{other.Id}")).Problem(HttpStatusCode.NotFound);
        await (await admin.DeleteAsync($"{TestUsers.Route}/{other.Id}")).Problem(HttpStatusCode.NotFound);
        await (await admin.Patch(other.Id, """{"enabled":false}""")).Problem(HttpStatusCode.NotFound);
        await (await admin.PostAsync($"{TestUsers.Route}/{other.Id}/activation", null)).Problem(HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.OK, (await superadmin.GetAsync($"{TestUsers.Route}/{other.Id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await superadmin.DeleteAsync($"{TestUsers.Route}/{other.Id}")).StatusCode);
    }

    [Fact]
    public async Task Admin_cannot_disable_or_delete_itself()
    {
        var person = await parts.Host.NewPerson("admin");
        using var admin = await parts.Host.SignIn(person);

        await (await admin.Patch(person.Id, """{"enabled":false}""")).Problem(HttpStatusCode.Forbidden);
        await (await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}")).Problem(HttpStatusCode.Forbidden);
        Assert.Equal(HttpStatusCode.OK, (await admin.Patch(person.Id, """{"displayName":"Me"}""")).StatusCode);
    }

    [Fact]
    public async Task The_list_is_paged_by_cursor_and_filtered_by_name()
    {
        using var superadmin = await parts.Host.Superadmin();
        using var admin = await parts.Host.Admin();
        var names = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            names.Add(TestUsers.NewName());
            await superadmin.Register(names[^1], i == 4 ? "admin" : "user");
        }

        var seen = new List<string>();
        var address = $"{TestUsers.Route}?limit=2";
        while (address is not null)
        {
            using var response = await admin.GetAsync(address);
            var page = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.InRange(page.GetProperty("items").GetArrayLength(), 1, 2);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("username").GetString()!));
            address = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
            Assert.Equal(address is null, page.GetProperty("next").ValueKind == JsonValueKind.Null);
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(names[..4], seen.Where(names.Contains));
        var found = await admin.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}?username={names[0].ToUpperInvariant()}");
        Assert.Equal(names[0], Assert.Single(found.GetProperty("items").EnumerateArray()).GetProperty("username").GetString());
        Assert.Equal(
            0, (await admin.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}?username={names[4]}")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_cursor_of_another_list_or_an_altered_one_gets_400()
    {
        using var superadmin = await parts.Host.Superadmin();
        using var admin = await parts.Host.Admin();
        await admin.Register(TestUsers.NewName());
        await admin.Register(TestUsers.NewName());
        var cursor = (await admin.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}?limit=1")).GetProperty("next").GetString()!;

        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"{TestUsers.Route}?cursor={cursor}")).StatusCode);
        await (await superadmin.GetAsync($"{TestUsers.Route}?cursor={cursor}")).Problem(HttpStatusCode.BadRequest);
        await (await admin.GetAsync($"{TestUsers.Route}?username=a&cursor={cursor}")).Problem(HttpStatusCode.BadRequest);
        await (await admin.GetAsync($"{TestUsers.Route}?cursor={(cursor[0] == 'A' ? 'B' : 'A')}{cursor[1..]}")).Problem(
            HttpStatusCode.BadRequest);
        await (await admin.GetAsync($"{TestUsers.Route}?cursor=x")).Problem(HttpStatusCode.BadRequest);
        await (await admin.GetAsync($"{TestUsers.Route}?limit=0")).Problem(HttpStatusCode.BadRequest);
        await (await admin.GetAsync($"{TestUsers.Route}?username=%00")).Problem(HttpStatusCode.BadRequest);
    }
}
