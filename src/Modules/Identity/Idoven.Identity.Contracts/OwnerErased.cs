namespace Idoven.Identity.Contracts;

/// <summary>Identity has erased the data of a deleted user.</summary>
/// <param name="OwnerId">The subject of the user's tokens.</param>
/// <param name="Counts">How many rows of each kind were erased.</param>
public sealed record OwnerErased(string OwnerId, IReadOnlyDictionary<string, long> Counts);
