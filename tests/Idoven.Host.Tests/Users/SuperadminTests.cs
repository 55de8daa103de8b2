using System.Net;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using System.Text.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Users;

public sealed class SuperadminTests(RunningParts parts)
{
    [Fact, UnsupportedOSPlatform("windows")]
    public async Task Activation_of_the_first_superadmin_is_in_a_file_that_only_the_host_can_read()
    {
        var settings = await parts.OwnUnusedParts();
        var folder = Directory.CreateTempSubdirectory("idoven-test-");
        try
        {
            var path = Path.Combine(folder.FullName, "activation");
            await File.WriteAllTextAsync(path, "an older file that all users may read");
            (string, string)[] production =
            [
                ("environment", "Production"), ("Users:FirstSuperadmin:ActivationFile", path), ("Users:FirstSuperadmin:Username", "root"),
            ];
            using (var host = await HostProcess.Start(settings, production))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
                var file = JsonElement.Parse(await File.ReadAllTextAsync(path));
                var token = file.GetProperty("token").GetString()!;
                Assert.Equal("root", file.GetProperty("username").GetString());
                Assert.EndsWith(token, file.GetProperty("url").GetString(), StringComparison.Ordinal);
                using var anonymous = host.Client();
                using var activated = await anonymous.PostAsync(
                    "/account/activate", JsonContent.Create(new { token, password = TestUser.Password }));
                Assert.Equal(HttpStatusCode.NoContent, activated.StatusCode);
                await host.Stop();

                Assert.Contains(path, host.Log, StringComparison.Ordinal);
                Assert.DoesNotContain(token, host.Log, StringComparison.Ordinal);
            }

            // A later start finds a superadmin and writes nothing.
            File.Delete(path);
            await using var again = await RunningHost.Start(settings, production);
            Assert.False(File.Exists(path));
            Assert.Equal(1L, await again.Query<long>("select count(*) from users.users"));
            await Eventually.Holds(
                async () => await again.Query<long>(
                    "select count(*) from users.users where role = 'superadmin' and activated_at is not null") == 1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Expired_superadmin_activation_is_replaced_once_by_hosts_that_start_concurrently()
    {
        var settings = await parts.OwnUnusedParts();
        var folder = Directory.CreateTempSubdirectory("idoven-test-");
        try
        {
            var path = Path.Combine(folder.FullName, "activation");
            (string, string)[] production = [("environment", "Production"), ("Users:FirstSuperadmin:ActivationFile", path)];
            var hosts = await Task.WhenAll(RunningHost.Start(settings, production), RunningHost.Start(settings, production));
            var first = await File.ReadAllTextAsync(path);
            await hosts[0].Execute(
                "update users.users set activation_expires_at = now(); update identity.one_time_tokens set expires_at = now()");
            foreach (var host in hosts)
            {
                await host.DisposeAsync();
            }

            await using var later = await RunningHost.Start(settings, production);
            var second = await File.ReadAllTextAsync(path);

            Assert.NotEqual(first, second);
            Assert.Equal(1L, await later.Query<long>("select count(*) from users.users"));
            await Eventually.Holds(
                async () => await later.Query<long>("select count(*) from identity.one_time_tokens where version = 2") == 1);
            await (await later.Activate(JsonElement.Parse(first).GetProperty("token").GetString()!)).Problem(HttpStatusCode.BadRequest);
            Assert.Equal(
                HttpStatusCode.NoContent, (await later.Activate(JsonElement.Parse(second).GetProperty("token").GetString()!)).StatusCode);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Last_superadmin_who_can_sign_in_cannot_be_removed()
    {
        var settings = await parts.OwnParts();
        await using var host = await RunningHost.Start(settings);
        using var superadmin = await host.Superadmin();
        var self = await host.Query<Guid>("select id from users.users where username = 'superadmin'");

        // A superadmin who is registered and never activated cannot sign in.
        await superadmin.Register(TestUsers.NewName(), "superadmin");
        foreach (var refused in new[]
        {
            await superadmin.DeleteAsync($"{TestUsers.Route}/{self}"),
            await superadmin.Patch(self, """{"enabled":false}"""),
        })
        {
            var problem = await refused.Problem(HttpStatusCode.Conflict);
            Assert.Equal("/problems/last-superadmin", problem.GetProperty("type").GetString());
        }

        var other = await host.NewPerson("superadmin");
        await Eventually.Holds(
            async () =>
                await host.Query<long>("select count(*) from users.users where role = 'superadmin' and activated_at is not null") == 2);
        using var another = await host.SignIn(other);

        // If two superadmins delete each other concurrently, one of them stays.
        var responses = await Task.WhenAll(
            superadmin.DeleteAsync($"{TestUsers.Route}/{other.Id}"), another.DeleteAsync($"{TestUsers.Route}/{self}"));
        Assert.Equal(1L, await host.Query<long>("select count(*) from users.users where role = 'superadmin' and activated_at is not null"));
        Assert.Contains(responses, response => response.StatusCode == HttpStatusCode.NoContent);
    }
}
