using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Host.Tests.Parts;
using RabbitMQ.Client;

namespace Idoven.Host.Tests.Contract;

/// <summary>Compares published events with the AsyncAPI document.</summary>
[Trait("Hosts", "one")]
public sealed class AsyncApiTests(RunningParts parts)
{
    private static readonly string CheckedIn = Path.Combine(Repository.Root, "docs", "asyncapi.json");
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>With <c>IDOVEN_WRITE_DOCS=1</c> it writes the document first.</summary>
    [Fact]
    public async Task Checked_in_AsyncAPI_document_equals_that_of_the_running_host()
    {
        var text = (await Document()).ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(CheckedIn, text);
        }

        Assert.Equal(await File.ReadAllTextAsync(CheckedIn), text);
    }

    [Fact]
    public async Task Published_events_match_the_AsyncAPI_document()
    {
        var document = await Document();
        var schemas = new JsonSchemas(document["components"]!["schemas"]!.AsObject(), "#/components/schemas/");
        var channels = document["channels"]!.AsObject();
        var exchange = Assert.Single(
            channels.Select(channel => channel.Value!["bindings"]!["amqp"]!["exchange"]!["name"]!.GetValue<string>()).Distinct());
        await using var events = await WatchingQueue.Bind(parts.Broker.Uri, exchange, "#");
        using var owner = await parts.Host.NewOwner();
        var (processed, failed) = (await owner.Submit(1, -1, 2), await owner.Submit(1, -1, 2));
        await owner.EndStatus(processed);
        await FailAnalysis(owner, failed);
        await owner.DeleteAsync($"{EcgCalls.Route}/{processed}");

        foreach (var (name, channel) in channels)
        {
            var key = channel!["address"]!.GetValue<string>();
            var seen = await events.Event(key, key == "ecg.failed.v1" ? failed : processed);
            var message = document["components"]!["messages"]![name]!;

            Assert.Empty(schemas.Errors(message["payload"]!, seen.Json));
            Assert.Equal(message["contentType"]!.GetValue<string>(), seen.Properties.ContentType);
            Assert.Equal(message["name"]!.GetValue<string>(), seen.Json.GetProperty("type").GetString());
            Assert.Equal(seen.Json.GetProperty("id").GetString(), seen.Properties.MessageId);
            Assert.Equal(DeliveryModes.Persistent, seen.Properties.DeliveryMode);
            Assert.True(seen.Properties.IsTimestampPresent());
            var wire = Encoding.UTF8.GetString(seen.Body) + string.Concat(seen.Properties.Headers?.Keys ?? []) + seen.Properties.Type;
            Assert.All(new[] { "Idoven.", "MassTransit", "System." }, name => Assert.DoesNotContain(name, wire, StringComparison.Ordinal));
        }

        Assert.Equal(
            ["ecg.deleted.v1", "ecg.failed.v1", "ecg.processed.v1"],
            channels.Select(channel => channel.Value!["address"]!.GetValue<string>()).Order());
    }

    [Fact]
    public async Task Event_that_breaks_its_schema_is_reported()
    {
        var document = await Document();
        var schemas = new JsonSchemas(document["components"]!["schemas"]!.AsObject(), "#/components/schemas/");
        var schema = document["components"]!["messages"]!["EcgDeleted"]!["payload"]!;
        var good = Golden.Read("events/ecg.deleted.v1.json");

        Assert.Empty(schemas.Errors(schema, JsonElement.Parse(good)));
        foreach (var (from, to) in new[]
        {
            ("\"ownerId\"", "\"owner\""), ("\"1.0\"", "\"2.0\""), ("\"sequence\": \"1042\"", "\"sequence\": 1042"),
        })
        {
            Assert.Contains(from, good, StringComparison.Ordinal);
            Assert.NotEmpty(schemas.Errors(schema, JsonElement.Parse(good.Replace(from, to, StringComparison.Ordinal))));
        }
    }

    /// <summary>Makes the stored signal of an ECG unreadable and the ECG due for another analysis.</summary>
    private async Task FailAnalysis(HttpClient owner, Guid ecg)
    {
        await owner.EndStatus(ecg);
        await parts.Host.Execute(
            $"""
            update ecgs.signal_blocks set bytes = '\x00' where ecg_id = '{ecg}';
            delete from ecgs.insight_sets where ecg_id = '{ecg}';
            update ecgs.ecgs set status = 'queued', processed_at = null, next_attempt_at = now() where id = '{ecg}'
            """);
        Assert.Equal("failed", await owner.EndStatus(ecg));
    }

    private async Task<JsonObject> Document() => JsonNode.Parse(await parts.Host.Anonymous.GetStringAsync("/asyncapi/v1.json"))!.AsObject();
}
