using System.Net;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Persistence;

/// <summary>
/// A pool is bounded: more that happens at once than there are connections waits for them. Whoever held one and asked for a second would wait for itself.
/// </summary>
[Trait("Hosts", "one")]
public sealed class FewConnectionsTests(RunningParts parts)
{
    [Fact]
    public async Task Six_connections_a_module_do_for_thirty_people_at_once()
    {
        const int few = 6;
        await using var host = await RunningHost.Start(
            parts.Settings,
            [.. HostSettings.Modules.Select(module => ($"ConnectionStrings:{module}", parts.Settings.ConnectionString(module, few))), ("Guesses:RestOfHash", "0")]);
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
