using System.Text.Json;
using System.Text.Json.Serialization;

namespace Idoven.Shared.Messaging.Messages;

/// <summary>
/// What a module may say: its messages to modules and its public events. Stored type names are resolved through this list and
/// nothing else, so a row in a table can never name a type of its own choosing.
/// </summary>
public sealed class MessageContracts
{
    private readonly Dictionary<string, MessageContract> byName = [];
    private readonly Dictionary<Type, MessageContract> byType = [];

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>A message between modules, on MassTransit's exchange of its name.</summary>
    public MessageContracts Message<T>()
        where T : class => Add(new MessageContract(typeof(T), RoutingKey: null));

    /// <summary>An event for everybody, on <c>idoven.events</c> under this routing key, such as <c>ecg.processed.v1</c>.</summary>
    public MessageContracts PublicEvent<T>(string routingKey)
        where T : class => Add(new MessageContract(typeof(T), routingKey));

    /// <summary>The last event of its key: it takes the place of the earlier ones in the feed, so that nothing of what is gone stays there.</summary>
    public MessageContracts LastPublicEvent<T>(string routingKey)
        where T : class => Add(new MessageContract(typeof(T), routingKey, IsLast: true));

    internal IEnumerable<MessageContract> Public => byName.Values.Where(contract => contract.IsPublic);

    internal MessageContract Get(Type type) => byType.TryGetValue(type, out var contract)
        ? contract
        : throw new InvalidOperationException($"{type.FullName} is not among the contracts of this module.");

    internal MessageContract Get(string name) => byName.TryGetValue(name, out var contract)
        ? contract
        : throw new InvalidOperationException($"{name} is not among the contracts of this module.");

    private MessageContracts Add(MessageContract contract)
    {
        byName.Add(contract.Name, contract);
        byType.Add(contract.Type, contract);
        return this;
    }
}

/// <summary>One registered type; a public event has a routing key.</summary>
internal sealed record MessageContract(Type Type, string? RoutingKey, bool IsLast = false)
{
    public string Name => Type.FullName!;

    public bool IsPublic => RoutingKey is not null;

    /// <summary>MassTransit's name for the exchange of a message type.</summary>
    public string Exchange => $"{Type.Namespace}:{Type.Name}";
}

/// <summary>The contracts of a module, whatever its database is.</summary>
internal sealed record ModuleContracts(string Module, MessageContracts Contracts);
