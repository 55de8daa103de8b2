using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Users;

public sealed class RegisterUserTests(RunningParts parts)
{
    [Fact]
    public async Task Registered_user_is_returned_at_its_location_and_its_activation_only_once()
    {
        using var admin = await parts.Host.Admin();
        var username = TestUsers.NewName();

        using var response = await admin.PostAsync(
            TestUsers.Route,
            TestUsers.Json($$"""{"username":"{{username}}","role":"user","email":"{{username}}@example.org","displayName":"Ada"}"""));

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var registered = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal($"{TestUsers.Route}/{registered.Id()}", response.Headers.Location?.OriginalString);
        var activation = registered.GetProperty("activation");
        Assert.Equal($"{parts.Settings.Issuer}account/activate?token={registered.Token()}", activation.GetProperty("url").GetString());
        Assert.Equal(43, registered.Token().Length);
        Assert.InRange(
            activation.GetProperty("expiresAt").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(),
            TimeSpan.FromHours(71.9),
            TimeSpan.FromHours(72));

        using var read = await admin.GetAsync(response.Headers.Location);
        Assert.Equal(response.Headers.ETag, read.Headers.ETag);
        var user = await read.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((username, $"{username}@example.org", "Ada", "user", true), (
            user.GetProperty("username").GetString(), user.GetProperty("email").GetString(), user.GetProperty("displayName").GetString(),
            user.GetProperty("role").GetString(), user.GetProperty("enabled").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, user.GetProperty("activatedAt").ValueKind);
        Assert.DoesNotContain(registered.Token(), user.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_registers_users_only_and_a_superadmin_every_role()
    {
        using var admin = await parts.Host.Admin();
        using var superadmin = await parts.Host.Superadmin();
        using var machine = await parts.Host.NewOwner("users:read users:write");

        await machine.Register(TestUsers.NewName());
        foreach (var role in new[] { "admin", "superadmin" })
        {
            await superadmin.Register(TestUsers.NewName(), role);
            foreach (var other in new[] { admin, machine })
            {
                await (await other.PostAsync(
                    TestUsers.Route, TestUsers.Json($$"""{"username":"{{TestUsers.NewName()}}","role":"{{role}}"}""")))
                    .Problem(HttpStatusCode.Forbidden);
            }
        }
    }

    [Fact]
    public async Task Taken_username_gets_409_in_any_case_or_form()
    {
        using var admin = await parts.Host.Admin();
        var name = TestUsers.NewName();
        await admin.Register(name);

        var problem = await (await admin.PostAsync(
            TestUsers.Route, TestUsers.Json($$"""{"username":"{{name.ToUpperInvariant()}}","role":"user"}""")))
            .Problem(HttpStatusCode.Conflict);

        Assert.Equal("/problems/taken", problem.GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("""{"username":"a","role":"user","id":"01900000-0000-7000-8000-000000000001"}""", "/id")]
    [InlineData("""{"username":"a","role":"user","enabled":true}""", "/enabled")]
    [InlineData("""{"username":"a","role":"user","version":7}""", "/version")]
    [InlineData("""{"username":"a","role":"user","status":"active"}""", "/status")]
    [InlineData("""{"username":"a","role":"user","owner":"x"}""", "/owner")]
    [InlineData("""{"username":"a","role":"user","password":"correct horse battery staple"}""", "/password")]
    [InlineData("""{"Username":"a","role":"user"}""", "/Username")]
    [InlineData("""{"username":"a","username":"b","role":"user"}""", "/username")]
    [InlineData("""{"username":7,"role":"user"}""", "/username")]
    [InlineData("""{"username":null,"role":"user"}""", "/username")]
    [InlineData("""{"username":"","role":"user"}""", "/username")]
    [InlineData("""{"username":"a b","role":"user"}""", "/username")]
    [InlineData("""{"username":"ada@example.org","role":"user"}""", "/username")]
    [InlineData("""{"username":"a\ud800","role":"user"}""", "/username")]
    [InlineData("""{"username":"a\u0000","role":"user"}""", "/username")]
    [InlineData("""{"role":"user"}""", "/username")]
    [InlineData("""{"username":"a"}""", "/role")]
    [InlineData("""{"username":"a","role":"doctor"}""", "/role")]
    [InlineData("""{"username":"a","role":["user"]}""", "/role")]
    [InlineData("""{"username":"a","role":"user","email":"no-address"}""", "/email")]
    [InlineData("""{"username":"a","role":"user","email":"a b@example.org"}""", "/email")]
    [InlineData("""{"username":"a","role":"user","email":"a@b.example,evil@x"}""", "/email")]
    [InlineData("""{"username":"a","role":"user","email":"<a@b>"}""", "/email")]
    [InlineData("""{"username":"a","role":"user","displayName":""}""", "/displayName")]
    [InlineData("""[]""", null)]
    [InlineData("""{"username":"a","role":"user" """, null)]
    [InlineData("", null)]
    public async Task A_bad_body_gets_400_with_the_pointer(string body, string? pointer)
    {
        using var admin = await parts.Host.Admin();

        Assert.Equal(pointer, await admin.PostAsync(TestUsers.Route, TestUsers.Json(body)).Pointer());
    }

    [Fact]
    public async Task A_body_that_is_not_json_gets_415_and_one_over_the_limit_413()
    {
        using var admin = await parts.Host.Admin();

        await (await admin.PostAsync(TestUsers.Route, new StringContent("username=a"))).Problem(HttpStatusCode.UnsupportedMediaType);
        await (await admin.PostAsync(TestUsers.Route, TestUsers.Json($$"""{"username":"{{new string('a', 70_000)}}","role":"user"}""")))
            .Problem(HttpStatusCode.RequestEntityTooLarge);
    }
}
