namespace Idoven.Ecgs.Contracts;

/// <summary>Ecgs has erased the data of a deleted user or client.</summary>
/// <param name="OwnerId">The subject of the owner.</param>
/// <param name="Counts">The number of erased items of each kind.</param>
public sealed record OwnerErased(string OwnerId, IReadOnlyDictionary<string, long> Counts);
