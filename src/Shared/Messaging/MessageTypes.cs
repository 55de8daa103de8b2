namespace Idoven.Shared.Messaging;

/// <summary>The message types that queues of this house take: a parked message may be another module's.</summary>
internal sealed class MessageTypes
{
    private readonly Dictionary<string, Contract> byName = [];

    public void Add(Contract contract) => byName.TryAdd(contract.Name, contract);

    public Contract Of(string name) => byName.TryGetValue(name, out var contract)
        ? contract
        : throw new InvalidOperationException($"No queue takes {name}.");
}
