using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;

namespace Idoven.Drills.Running;

/// <summary>Represents a machine client of the load.</summary>
internal sealed record ClientCredentials(string Id, string Secret);

/// <summary>
/// Represents a migrated database with the demo accounts and the clients of the load. Every drill gets a copy of it, which takes a
/// fraction of a second.
/// </summary>
internal sealed class Template
{
    private const string Name = "drill_template";
    private const int Clients = 6;

    private Template(string masterKey, IReadOnlyList<ClientCredentials> clients) => (MasterKey, Uploaders) = (masterKey, clients);

    public string MasterKey { get; }

    public IReadOnlyList<ClientCredentials> Uploaders { get; }

    /// <summary>Migrates a new database, starts one host on it, registers the clients and stops the host.</summary>
    public static async Task<Template> Create(Servers servers, Reaper reaper, string hostFolder, CancellationToken ct)
    {
        var masterKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await servers.Execute($"create database {Name}", ct);
        var broker = servers.CreateVirtualHost(Name, [], ct);
        var migration = HostCommand.Arguments(hostFolder, ["migrate"], HostCommand.Settings(servers, Name, Name, masterKey));
        await Processes.Run("dotnet", migration, ct: ct);
        await broker;

        await using var host = new DrillHost(
            0, servers, Stopwatch.StartNew(), reaper, started => HostCommand.Start(hostFolder, servers, Name, Name, masterKey, started));
        await host.Start(ct);
        using var http = new HttpClient { BaseAddress = host.Address };
        var clients = await RegisterClients(http, ct);
        await EmptyOutboxes(servers, ct);
        await host.Terminate(ct);
        return new Template(masterKey, clients);
    }

    /// <summary>Creates a copy for one drill.</summary>
    /// <param name="tablespace">The tablespace of the files; null for the default.</param>
    public static async Task Copy(Servers servers, string name, string? tablespace, CancellationToken ct)
    {
        await servers.Execute($"create database {name} template {Name} {(tablespace is null ? "" : $"tablespace {tablespace}")}", ct);

        // A sequence logs its values in advance. The copy has the values but not the log: without a checkpoint a crash would reset it.
        await servers.Execute("checkpoint", ct);
    }

    private static async Task<IReadOnlyList<ClientCredentials>> RegisterClients(HttpClient http, CancellationToken ct)
    {
        http.DefaultRequestHeaders.Authorization = new("Bearer", await Token(http, ct));
        using var anonymous = new HttpClient { BaseAddress = http.BaseAddress };
        var clients = new List<ClientCredentials>();
        for (var number = 1; number <= Clients; number++)
        {
            var registration = new { name = $"Uploader {number} of a drill", scopes = (string[])["ecgs:read", "ecgs:write"] };
            using var response = await http.PostAsJsonAsync("/api/v1/clients", registration, ct);
            response.EnsureSuccessStatusCode();
            var client = await response.Content.ReadFromJsonAsync<JsonElement>(ct);
            var token = client.GetProperty("enrolment").GetProperty("token").GetString()!;
            var enrolment = new { clientId = client.GetProperty("id").GetString()!, token };
            using var enrolled = await anonymous.PostAsJsonAsync("/api/v1/clients/enrolment", enrolment, ct);
            enrolled.EnsureSuccessStatusCode();
            var secret = (await enrolled.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("secret").GetString()!;
            clients.Add(new ClientCredentials(enrolment.clientId, secret));
        }

        return clients;
    }

    private static async Task<string> Token(HttpClient http, CancellationToken ct)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = "idoven-cli",
            ["username"] = "superadmin",
            ["password"] = "superadmin-demo-password",
            ["scope"] = "openid clients:manage",
        });
        using var response = await http.PostAsync("/connect/token", form, ct);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("access_token").GetString()!;
    }

    /// <summary>Waits until the outboxes are empty: rows that are unsent in the template would be sent in every drill.</summary>
    private static async Task EmptyOutboxes(Servers servers, CancellationToken ct)
    {
        await using var database = new DrillDatabase(servers.Database(Name));
        var limit = Stopwatch.StartNew();
        const string unsent =
            """
            select (select count(*) from ecgs.outbox where sent_at is null)
              + (select count(*) from users.outbox where sent_at is null)
              + (select count(*) from identity.outbox where sent_at is null)
            """;
        while (await database.Number(unsent, ct) > 0)
        {
            if (limit.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new TimeoutException("The outboxes of the template are not empty after 30 s.");
            }

            await Task.Delay(50, ct);
        }
    }
}
