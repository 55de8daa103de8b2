using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Idoven.Ecgs.Contracts;
using Idoven.Host.Tests.Parts;
using Idoven.Identity.Contracts;
using Idoven.Shared.Messaging.Messages;
using Idoven.Users.Contracts;

namespace Idoven.Host.Tests.Contract;

/// <summary>
/// Represents a message as it was first sent, kept permanently: one file for each version. Old files are never rewritten.
/// </summary>
/// <param name="Message">The message.</param>
/// <param name="RoutingKey">The routing key of a public event, or null.</param>
/// <param name="Readers">The schemas of the modules that consume the message.</param>
internal sealed record Golden(object Message, string? RoutingKey, params string[] Readers)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private static readonly Guid Ecg = Guid.Parse("0199f1f0-0000-7000-8000-00000000ec60");
    public static readonly Guid User = Guid.Parse("0199f1f0-0000-7000-8000-00000000c0de");
    private static readonly DateTimeOffset At = new(2026, 11, 24, 12, 0, 0, 250, TimeSpan.Zero);

    /// <summary>Gets all golden messages, ordered so that each finds the data that it depends on.</summary>
    public static IReadOnlyList<Golden> All { get; } =
    [
        new(
            new EcgProcessed(
                Ecg, "client:gateway", At.AddDays(-1), At, "1.1.0", [new EcgProcessedLead("I", 5000, 211)], $"/api/v1/ecgs/{Ecg}/insights"),
            "ecg.processed.v1"),
        new(new EcgFailed(Ecg, "client:gateway", At.AddDays(-1), At, "signal-unreadable"), "ecg.failed.v1"),
        new(new EcgDeleted(Ecg, "client:gateway", At), "ecg.deleted.v1"),
        new(
            new UserRegistered(
                User, 1, "golden", "golden@example.org", "user", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", At.AddDays(3)),
            null, "identity"),
        new(new ActivationIssued(User, 2, "FuB0QGJwIZuPV4sSd1vVHOxJzQOTRSb1WFCFQ0VUsNM=", At.AddDays(3)), null, "identity"),
        new(new UserChanged(User, 3, "golden", "gold@example.org", Enabled: false), null, "identity"),
        new(new AccountActivated(User, At), null, "users"),
        new(new SessionsRevoked($"{User}", "0199f1f0-0000-7000-8000-0000000051d0", 1), null, "ecgs", "users", "identity"),
        new(new UserDeleted(User, 4), null, "ecgs", "identity"),
        new(new ClientDeleted("golden-gateway", 1), null, "ecgs", "users"),
        new(new global::Idoven.Ecgs.Contracts.OwnerErased($"{User}", new Dictionary<string, long> { ["ecgs"] = 12 }), null, "users"),
        new(new global::Idoven.Identity.Contracts.OwnerErased($"{User}", new Dictionary<string, long> { ["accounts"] = 1 }), null, "users"),
        new(new EcgSubmitted(Ecg), null, "ecgs"),
        new(new UserChanged(User, 5, "golden", "gold@example.org", Enabled: true, TimesDisabled: 1), null, "identity") { Edition = ".2" },
    ];

    /// <summary>Gets the suffix of a later version of a contract, whose first golden message lacks members that were added later.</summary>
    public string Edition { get; private init; } = "";

    public string Path => RoutingKey is null ? $"messages/{Message.GetType().FullName}{Edition}.json" : $"events/{RoutingKey}.json";

    public string Exchange => Contract.Exchange;

    /// <summary>Gets the message as the relay sends it today.</summary>
    public byte[] Sent =>
        RoutingKey is null ? OutboundMessage.ToModules(Contract, Row).Body : OutboundMessage.ToEventsExchange(Contract, Row, "ecgs").Body;

    private global::Idoven.Shared.Messaging.Messages.MessageContract Contract => new(Message.GetType(), RoutingKey);

    private OutboxMessage Row => new(
        1, Guid.Parse($"0199f1f0-0000-7000-8000-{All.Select((golden, i) => (golden, i)).Single(pair => pair.golden == this).i:x12}"),
        Ecg, Contract.Name,
        JsonSerializer.Serialize(Message, Message.GetType(), MessageContracts.Json), Traceparent: null, At, Sequence: 1042);

    public static string Read(string path) => System.IO.File.ReadAllText(File(path));

    /// <summary>Reads the file; with <c>IDOVEN_WRITE_DOCS=1</c> a missing one is written first.</summary>
    public string Read()
    {
        if (Environment.GetEnvironmentVariable("IDOVEN_WRITE_DOCS") == "1" && !System.IO.File.Exists(File(Path)))
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(File(Path))!);
            System.IO.File.WriteAllText(File(Path), JsonNode.Parse(Sent)!.ToJsonString(Indented) + "\n");
        }

        return Read(Path);
    }

    private static string File(string path) => System.IO.Path.Combine(Repository.Root, "tests", "Idoven.Host.Tests", "golden", path);
}
