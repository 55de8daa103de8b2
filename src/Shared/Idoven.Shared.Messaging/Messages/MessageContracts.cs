using System.Text.Json;
using System.Text.Json.Serialization;
using MassTransit;

namespace Idoven.Shared.Messaging.Messages;

/// <summary>
/// The messages and public events of a module. Stored type names are resolved only by this list, so a row in a table cannot make the
/// service load any other type.
/// </summary>
public sealed class MessageContracts
{
    private readonly Dictionary<string, MessageContract> byName = [];
    private readonly Dictionary<Type, MessageContract> byType = [];

    internal static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Adds a message between modules, which is sent to MassTransit's exchange of its name.</summary>
    public MessageContracts Message<T>()
        where T : class => Add(new MessageContract(typeof(T), RoutingKey: null));

    /// <summary>
    /// Adds a public event, which is published on <c>idoven.events</c> with this routing key, such as <c>ecg.processed.v1</c>.
    /// </summary>
    public MessageContracts PublicEvent<T>(string routingKey)
        where T : class => Add(new MessageContract(typeof(T), routingKey));

    /// <summary>
    /// Adds a public event that is the last one of its key: it replaces the earlier ones in the feed, so that no erased data remains there.
    /// </summary>
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
    public string Exchange { get; } = MessageUrn.ForTypeString(Type)[MessageUrn.Prefix.Length..];
}

/// <summary>The contracts of a module, independent of its DbContext.</summary>
internal sealed record ModuleContracts(string Module, MessageContracts Contracts);
