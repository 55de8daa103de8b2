namespace Idoven.Shared.Messaging;

/// <summary>The message types that queues of this house take: a parked message may be another module's.</summary>
internal sealed class MessageTypes
{
    private readonly Dictionary<string, MessageContract> byName = [];

    public void Add(MessageContract contract) => byName.TryAdd(contract.Name, contract);

    /// <summary>Null where no queue takes it.</summary>
    public MessageContract? Find(string name) => byName.GetValueOrDefault(name);
}
