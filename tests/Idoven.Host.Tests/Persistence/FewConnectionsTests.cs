using System.Net;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Persistence;

/// <summary>
/// The connection pool has a limit, and requests wait for a free connection. A request that holds a connection while it waits for a
/// second one could deadlock.
/// </summary>
[Trait("Hosts", "one")]
public sealed class FewConnectionsTests(RunningParts parts)
{
    [Fact]
    public async Task Six_connections_for_each_module_suffice_for_thirty_concurrent_users()
    {
        const int few = 6;
        await using var host = await RunningHost.Start(
            parts.Settings,
            [
                .. HostSettings.Modules.Select(module => ($"ConnectionStrings:{module}", parts.Settings.ConnectionString(module, few))),
                ("Guesses:RestOfHash", "0"),
            ]);
        using var superadmin = await host.Superadmin();

        await Task.WhenAll(Enumerable.Range(0, 5 * few).Select(_ => Live()));

        async Task Live()
        {
            var person = await host.NewPerson(superadmin);
            using var client = await host.SignIn(person);
            var ecgs = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => client.Submit()));
            Assert.All(await Task.WhenAll(ecgs.Select(ecg => client.EndStatus(ecg))), status => Assert.Equal("processed", status));
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"/api/v1/users/{person.Id}")).StatusCode);
        }
    }
}
