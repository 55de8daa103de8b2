using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using Npgsql;

namespace Idoven.Host.Tests;

/// <summary>
/// Tests that each module can run as a service of its own, with its own database and role, connected to the others only by messages. With
/// <c>IDOVEN_TEST_HOSTS=split</c> the other tests also run on hosts of one module each.
/// </summary>
public sealed class ModuleAloneTests(RunningParts parts)
{
    private static readonly string[] Modules = ["identity", "users", "ecgs"];

    [Fact]
    public async Task Three_hosts_with_one_module_each_provide_the_whole_service()
    {
        var first = new HostSettings("", parts.OwnVirtualHost());
        var settings = new Dictionary<string, HostSettings>();
        foreach (var module in Modules)
        {
            settings[module] = first with { Admin = await parts.CreateDatabase() };
            await RunningHost.MigrateAlone(module, settings[module]);
            Assert.Equal([module], await Schemas(settings[module]));
        }

        await using var host = await RunningHost.StartSplit(module => settings[module]);

        // Users registers the user and informs Identity; the user activates the account there, and Identity informs Users.
        var person = await host.NewPerson();
        using var admin = await host.Admin();
        await Eventually.Holds(async () =>
            (await admin.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/{person.Id}")).GetProperty("activatedAt").ValueKind
                != JsonValueKind.Null);

        // Ecgs validates Identity's tokens with the published keys.
        using var owner = await host.SignIn(person);
        var ecg = await owner.Submit(1, -1, 2);
        Assert.Equal(2, (await owner.Insights(ecg)).GetProperty("leads")[0].GetProperty("zeroCrossings").GetProperty("total").GetInt32());

        // Users deletes the user; Ecgs and Identity erase their data and confirm it.
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{TestUsers.Route}/{person.Id}")).StatusCode);
        await Eventually.Holds(async () =>
            (await admin.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/erasures/{person.Id}")).GetProperty("finishedAt").ValueKind
                != JsonValueKind.Null);
        await Eventually.Holds(async () => (await owner.GetAsync($"{EcgCalls.Route}/{ecg}")).StatusCode == HttpStatusCode.Unauthorized);
    }

    private static async Task<List<string>> Schemas(HostSettings settings)
    {
        await using var database = NpgsqlDataSource.Create(settings.Admin);
        await using var command = database.CreateCommand("select nspname from pg_namespace where nspname = any($1)");
        command.Parameters.AddWithValue(Modules);
        await using var reader = await command.ExecuteReaderAsync();
        var schemas = new List<string>();
        while (await reader.ReadAsync())
        {
            schemas.Add(reader.GetString(0));
        }

        return schemas;
    }
}
