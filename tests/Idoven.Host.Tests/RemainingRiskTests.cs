using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;

namespace Idoven.Host.Tests;

/// <summary>
/// Runs the attacks that docs/security.md lists as still possible: each one succeeds. If a change makes one of them fail, remove it here
/// and from the document.
/// </summary>
public sealed class RemainingRiskTests(RunningParts parts)
{
    [Fact]
    public async Task An_access_token_works_from_another_address_and_in_another_program()
    {
        var token = await parts.Host.NewOwnerToken("ecgs:read ecgs:write");
        using var owner = parts.Host.Client(token, SourceAddress.New());
        var ecg = await owner.Submit();
        using var thief = parts.Host.Client(token, SourceAddress.New());
        thief.DefaultRequestHeaders.UserAgent.ParseAdd("another-program/1.0");

        using var read = await thief.GetAsync($"{EcgCalls.Route}/{ecg}");

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
    }

    [Fact]
    public async Task A_password_and_a_code_typed_on_an_attackers_page_sign_the_attacker_in()
    {
        var (client, person) = (await parts.Host.NewApp(), await parts.Host.NewPerson());
        var (app, _) = await parts.Host.TurnSecondFactorOn(person);
        using var attacker = new Browser(parts.Host, from: SourceAddress.New());

        var asked = await attacker.Press(
            await attacker.Get(client.Authorize()), "sign-in", ("username", person.Username), ("password", TestUser.Password));
        var signedIn = await attacker.Press(asked, "second-step", ("code", app.Code()));
        var consent = await attacker.Get(signedIn.Location);
        var tokens = await parts.Host.Redeem(client, (await attacker.Press(consent, "allow")).Sent("code")!);

        using var account = parts.Host.Client(tokens.AccessToken);
        Assert.Equal(person.Id, (await account.GetFromJsonAsync<JsonElement>($"{TestUsers.Route}/me")).Id());
    }

    [Fact]
    public async Task Database_rows_contain_ecgs_and_contact_data_in_clear_text()
    {
        // For random samples, no encoding is shorter than the samples themselves.
        var signal = Enumerable.Range(0, 500).Select(_ => BitConverter.ToInt32(RandomNumberGenerator.GetBytes(sizeof(int)))).ToArray();
        using var owner = await parts.Host.NewOwner();
        var ecg = await owner.Submit(signal);
        var (person, email) = (await parts.Host.NewPerson(), EmailCalls.NewAddress());
        using var self = await parts.Host.SignIn(person);
        Assert.True((await self.Patch(person.Id, $$"""{"email":"{{email}}"}""")).IsSuccessStatusCode);

        var block = await parts.Host.Query<byte[]>("select bytes from ecgs.signal_blocks where ecg_id = $1", ecg);

        Assert.Equal(signal, MemoryMarshal.Cast<byte, int>(block).ToArray());
        Assert.Contains(
            email, await parts.Host.Query<string>("select u::text from users.users u where id = $1", person.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_holder_of_the_services_broker_password_can_delete_an_account()
    {
        var person = await parts.Host.NewPerson();
        Assert.Null(await parts.Host.TokenError(person.PasswordGrant()));
        await using var bus = await WatchingQueue.Bind(parts.Broker.Uri, UserMessages.Exchange("UserDeleted"));

        await bus.Handled(parts.Host, "UserDeleted", new { userId = person.Id, version = int.MaxValue });

        Assert.Equal("invalid_grant", await parts.Host.TokenError(person.PasswordGrant()));
    }

    [Fact]
    public async Task A_subscriber_can_create_and_fill_many_queues()
    {
        const int queues = 64;
        var mine = $"sub.demo.{Guid.NewGuid():N}";
        string[] names = [.. Enumerable.Range(0, queues).Select(queue => $"{mine}.{queue}")];
        await using var connection =
            await new ConnectionFactory { Uri = parts.Broker.Subscriber, ClientProvidedName = "test" }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.ExchangeDeclareAsync(mine, ExchangeType.Fanout);
        foreach (var name in names)
        {
            await channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false);
            await channel.QueueBindAsync(name, mine, "");
        }

        await channel.BasicPublishAsync(mine, "", "x"u8.ToArray());

        foreach (var name in names)
        {
            Assert.Equal(1u, await channel.QueueDeleteAsync(name));
        }

        await channel.ExchangeDeleteAsync(mine);
    }

    [Fact]
    public async Task A_secret_from_an_earlier_version_works_until_the_host_has_rotated_it_twice()
    {
        using var admin = await parts.Host.Admin();
        var (id, known) = await admin.NewClient("ecgs:read");

        await parts.Host.OnHost("secret", id);
        Assert.Null(await parts.Host.TokenError(Known()));
        await parts.Host.OnHost("secret", id);

        Assert.Equal("invalid_client", await parts.Host.TokenError(Known()));

        Dictionary<string, string> Known() =>
            new() { ["grant_type"] = "client_credentials", ["client_id"] = id, ["client_secret"] = known };
    }

    [Fact]
    public async Task An_administrator_can_cause_an_email_to_every_address_that_they_register()
    {
        const int recipients = 8; // More than one account or address may cause in a day.
        using var admin = await parts.Host.Admin();
        for (var recipient = 0; recipient < recipients; recipient++)
        {
            var email = EmailCalls.NewAddress();
            var registered = await parts.Host.RegisterKnown(admin, TestUsers.NewName(), email: email);

            using var activated = await parts.Host.Activate(registered.Token());

            Assert.Equal(HttpStatusCode.NoContent, activated.StatusCode);
            await parts.Mail.Letter(email, EmailCalls.Verification);
        }
    }

    [Fact]
    public async Task Silent_connections_are_not_limited()
    {
        const int silent = 1100; // More than the unfinished requests that a host accepts.
        var connections = new List<TcpClient>();
        try
        {
            for (var made = 0; made < silent; made++)
            {
                var connection = new TcpClient();
                connections.Add(connection);
                await connection.ConnectAsync(parts.Host.Address.Host, parts.Host.Address.Port);
            }

            using var caller = parts.Host.Client();
            using var response = await caller.GetAsync("/.well-known/openid-configuration");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        finally
        {
            connections.ForEach(connection => connection.Dispose());
        }
    }
}
