namespace Idoven.Ecgs.Contracts;

/// <summary>Ecgs has erased what it held of a deleted user or client.</summary>
/// <param name="OwnerId">The subject.</param>
/// <param name="Counts">How many of each kind.</param>
public sealed record OwnerErased(string OwnerId, IReadOnlyDictionary<string, long> Counts);
