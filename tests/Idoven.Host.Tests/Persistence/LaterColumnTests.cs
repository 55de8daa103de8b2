using System.Net;
using System.Net.Http.Json;
using Idoven.Host.Tests.Parts;

namespace Idoven.Host.Tests.Persistence;

/// <summary>
/// Connections keep prepared statements. A migration that adds a column under a running host must fail no request: a prepared
/// <c>select *</c> would fail, because its result changes.
/// </summary>
public sealed class LaterColumnTests(RunningParts parts)
{
    // A statement is prepared on each connection when it runs there for the second time, so there are few.
    private const int Connections = 5;
    private const int Rounds = 3;

    [Fact, Trait("Hosts", "one")]
    public async Task A_column_that_is_added_to_every_table_fails_no_request_of_a_running_host()
    {
        var settings = await parts.OwnParts();
        var pools = HostSettings.Modules.Select(
            module => ($"ConnectionStrings:{module}", settings.ConnectionString(module, Connections)));
        await using var host = await RunningHost.Start(settings, [.. pools]);
        for (var round = 0; round < Rounds; round++)
        {
            await UseAll(host);
        }

        // Each table in a transaction of its own: locks of several tables would cause deadlocks with the host.
        await host.Execute(
            """
            do $$ declare one record; begin
              for one in select schemaname, tablename from pg_tables where schemaname in ('ecgs', 'users', 'identity') loop
                execute format('alter table %I.%I add column later_column integer default 7', one.schemaname, one.tablename);
                commit;
              end loop;
            end $$
            """);

        for (var round = 0; round < Rounds; round++)
        {
            await UseAll(host);
        }
    }

    private static async Task UseAll(RunningHost host)
    {
        using var owner = await host.NewOwner();
        var ecg = await owner.Submit();
        await owner.Insights(ecg);
        string[] reads = ["", $"/{ecg}", $"/{ecg}/beats", $"/{ecg}/signal?lead=I", "?status=processed", "?limit=1"];
        foreach (var read in reads)
        {
            using var response = await owner.GetAsync(EcgCalls.Route + read);
            Assert.True((int)response.StatusCode < 500, $"{read}: {response.StatusCode}");
        }

        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{EcgCalls.Route}/{ecg}")).StatusCode);

        using var admin = await host.Superadmin();
        var person = await host.NewPerson(admin);
        using var client = await host.SignIn(person);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"{TestUsers.Route}/me")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/account/sessions")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync(TestUsers.Route)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await admin.Patch(person.Id, """{"enabled":false}""")).StatusCode);
    }
}
