namespace Idoven.Identity.Contracts;

/// <summary>Identity has erased what it held of a deleted user.</summary>
/// <param name="OwnerId">The subject.</param>
/// <param name="Counts">How many of each kind.</param>
public sealed record OwnerErased(string OwnerId, IReadOnlyDictionary<string, long> Counts);
