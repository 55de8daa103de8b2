using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Ecgs.Contracts;
using Idoven.Host.Tests.Parts;
using Idoven.Shared.Messaging.Messages;

namespace Idoven.Host.Tests.Contract;

/// <summary>Messages keep their format permanently, and old ones can always be read.</summary>
public sealed class GoldenMessageTests(RunningParts parts)
{
    public static TheoryData<string> Files => [.. Golden.All.Select(golden => golden.Path)];

    [Theory, MemberData(nameof(Files))]
    public void Sent_message_equals_the_golden_message(string file)
    {
        var golden = Golden.All.Single(golden => golden.Path == file);

        Assert.Equal(JsonNode.Parse(golden.Read())!.ToJsonString(), JsonNode.Parse(golden.Sent)!.ToJsonString());
    }

    /// <summary>As a subscriber in .NET reads it, which ignores members that were added later.</summary>
    [Theory, MemberData(nameof(Files))]
    public void Golden_message_with_an_added_member_is_read(string file)
    {
        var golden = Golden.All.Single(golden => golden.Path == file);
        var body = JsonNode.Parse(golden.Read())![golden.RoutingKey is null ? "message" : "data"]!.AsObject();
        body["addedLater"] = "1";

        var read = body.Deserialize(golden.Message.GetType(), MessageContracts.Json);

        Assert.Equal(
            JsonSerializer.Serialize(golden.Message, MessageContracts.Json), JsonSerializer.Serialize(read, MessageContracts.Json));
    }

    /// <summary>On the real queues, as a host of an older or newer version sends them.</summary>
    [Fact]
    public async Task Consumers_handle_every_golden_message_with_an_added_member()
    {
        await using var bus = await WatchingQueue.OfEvents(parts.Broker.Uri);
        using var owner = await parts.Host.NewOwner();
        var ecg = await NewQueuedEcg(owner);
        await parts.Host.Execute($"insert into users.erasures (user_id, role, requested_at) values ('{Golden.User}', 'user', now())");
        foreach (var golden in Golden.All.Where(golden => golden.RoutingKey is null))
        {
            var envelope = JsonNode.Parse(golden.Read())!;
            envelope["message"]!["addedLater"] = new JsonObject { ["nested"] = 1 };
            if (golden.Message is EcgSubmitted)
            {
                // For an unknown ECG the consumer has nothing to do and writes no inbox row.
                envelope["message"]!["ecgId"] = ecg;
            }

            var id = Guid.Parse(envelope["messageId"]!.GetValue<string>());
            await bus.Publish(
                golden.Exchange, new SeenMessage("", Envelope.Properties(id), JsonSerializer.SerializeToUtf8Bytes(envelope)));

            Assert.NotEmpty(golden.Readers);
            foreach (var schema in golden.Readers)
            {
                await Eventually.Holds(async () =>
                    await parts.Host.Query<long>($"select count(*) from {schema}.inbox where message_id = $1", id) == 1);
            }
        }
    }

    /// <summary>Creates an ECG that waits for a message.</summary>
    private async Task<Guid> NewQueuedEcg(HttpClient owner)
    {
        var ecg = await owner.Submit();
        await owner.EndStatus(ecg);
        await parts.Host.Execute(
            $"""
            delete from ecgs.insight_sets where ecg_id = '{ecg}';
            update ecgs.ecgs set processed_at = null, next_attempt_at = null, status = 'queued' where id = '{ecg}'
            """);
        return ecg;
    }

    [Fact]
    public void Every_message_contract_has_a_golden_message()
    {
        var names = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "Idoven.Architecture.Tests", "wire-names.txt"));

        // A lead is a part of its event and not a message.
        Assert.Equal(
            names.Where(name => name != "Idoven.Ecgs.Contracts.EcgProcessedLead"),
            Golden.All.Select(golden => golden.Message.GetType().FullName!).Distinct().Order(StringComparer.Ordinal));
    }
}
