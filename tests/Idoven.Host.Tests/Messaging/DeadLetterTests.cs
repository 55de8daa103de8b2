using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;

namespace Idoven.Host.Tests.Messaging;

/// <summary>Dead-lettered messages are moved to the parked messages, which an operator can list and replay.</summary>
public sealed class DeadLetterTests(BreakableHost breakable) : IClassFixture<BreakableHost>
{
    private readonly RunningHost host = breakable.Host;

    [Fact]
    public async Task Dead_lettered_message_is_listed_and_replayed()
    {
        const string queue = "identity-delete-account";
        using var operating = await host.SignIn("superadmin", "operations");
        var id = Guid.CreateVersion7();
        await Put(queue, id, "Idoven.Users.Contracts:UserDeleted", $$"""{"userId":"{{Guid.CreateVersion7()}}","version":1}""");

        var item = await Eventually.Finds(async () => (await Parked(operating, "identity")).Cast<JsonElement?>().FirstOrDefault(item =>
            item!.Value.GetProperty("queue").GetString() == queue) is { } found ? new { Json = found } : null);
        Assert.Equal("Idoven.Users.Contracts.UserDeleted", item.Json.GetProperty("type").GetString());
        Assert.Equal("DeliveryLimitReached", item.Json.GetProperty("reason").GetString());
        Assert.Equal(20, item.Json.GetProperty("attempts").GetInt32());
        Assert.Equal(JsonValueKind.Null, item.Json.GetProperty("nextAttemptAt").ValueKind);
        Assert.Equal(0u, (await QueueState.Read(breakable.Settings.Broker, $"{queue}_dead")).Messages);
        Assert.Equal(0L, await host.Query<long>("select count(*) from identity.inbox where message_id = $1", id));

        var replay = $"/api/v1/identity/operations/parked/{item.Json.GetProperty("id").GetGuid()}/replay";
        var replayed = await operating.PostAsync(replay, null);
        Assert.Equal(HttpStatusCode.Accepted, replayed.StatusCode);
        await Eventually.Holds(async () => await host.Query<long>("select count(*) from identity.parked where message_id = $1", id) == 0);
        Assert.Equal(1L, await host.Query<long>("select count(*) from identity.inbox where message_id = $1", id));
    }

    [Fact]
    public async Task Dead_lettered_message_that_cannot_be_read_is_kept_with_its_bytes()
    {
        const string queue = "users-record-activation";
        using var operating = await host.SignIn("superadmin", "operations");
        await QueueState.Put(breakable.Settings.Broker, $"{queue}_dead", [0xff, 0x00, 0x7b], new BasicProperties());

        await Eventually.Holds(async () => await host.Query<long>("select count(*) from users.parked where type = 'unknown'") == 1);
        var body = JsonElement.Parse(await host.Query<string>("select body::text from users.parked where type = 'unknown'"));
        Assert.Equal([0xff, 0x00, 0x7b], body.GetProperty("base64").GetBytesFromBase64());
        var item = Assert.Single(await Parked(operating, "users"));
        Assert.Equal((queue, "DeadLettered"), (item.GetProperty("queue").GetString(), item.GetProperty("reason").GetString()));
        var discard = $"/api/v1/users/operations/parked/{item.GetProperty("id").GetGuid()}/discard";
        Assert.Equal(HttpStatusCode.NoContent, (await operating.PostAsync(discard, null)).StatusCode);
    }

    [Fact]
    public async Task Dead_lettered_submission_is_recorded_as_a_failed_attempt_of_its_ecg()
    {
        using var owner = await host.NewOwner();
        using var operating = await host.SignIn("superadmin", "operations");
        var ecg = await owner.Submit();
        Assert.Equal("processed", await owner.EndStatus(ecg));
        await host.Execute(
            $"""
            delete from ecgs.insight_sets where ecg_id = '{ecg}';
            update ecgs.ecgs set status = 'queued', processed_at = null, attempts = 0 where id = '{ecg}';
            """);

        await Put("ecgs-process-ecg", Guid.CreateVersion7(), "Idoven.Ecgs.Contracts:EcgSubmitted", $$"""{"ecgId":"{{ecg}}"}""");

        // The attempt is recorded on the ECG, which is then submitted again.
        await Eventually.Holds(async () => await host.Query<int>("select attempts from ecgs.ecgs where id = $1", ecg) == 1);
        Assert.Equal("processed", await owner.EndStatus(ecg));
        Assert.Empty(await Parked(operating, "ecgs"));
    }

    private Task Put(string queue, Guid id, string type, string message)
    {
        var properties = Envelope.Properties(id);
        properties.Headers = new Dictionary<string, object?> { ["x-first-death-reason"] = Encoding.UTF8.GetBytes("delivery_limit") };
        var envelope = Envelope.Create(id, type, JsonElement.Parse(message));
        return QueueState.Put(breakable.Settings.Broker, $"{queue}_dead", envelope, properties);
    }

    private static async Task<IReadOnlyList<JsonElement>> Parked(HttpClient operating, string module) =>
        [.. (await operating.GetFromJsonAsync<JsonElement>($"/api/v1/{module}/operations/parked")).GetProperty("items").EnumerateArray()];
}
