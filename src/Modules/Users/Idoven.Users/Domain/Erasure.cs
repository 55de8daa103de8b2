namespace Idoven.Users.Domain;

/// <summary>
/// Represents the erasure of a deleted user, whose data the other modules erase. It has no personal data but the id.
/// </summary>
internal sealed class Erasure(Guid userId, string role, DateTimeOffset requestedAt)
{
    private readonly List<ErasedPart> parts = [];

    public Guid UserId { get; } = userId;

    /// <summary>Gets the role of the deleted user, which decides which administrators may see the erasure.</summary>
    public string Role { get; } = role;

    public DateTimeOffset RequestedAt { get; } = requestedAt;

    public IReadOnlyList<ErasedPart> Parts => parts;

    /// <summary>Records that a module has erased its data. A repeated report changes nothing.</summary>
    /// <returns>False for a repeated report.</returns>
    public bool Finish(string module, DateTimeOffset at, IReadOnlyDictionary<string, long> counts)
    {
        var isFirst = parts.All(part => part.Module != module);
        if (isFirst)
        {
            parts.Add(new ErasedPart(UserId, module, at, new Dictionary<string, long>(counts)));
        }

        return isFirst;
    }
}

/// <param name="Counts">The number of erased items of each kind.</param>
internal sealed record ErasedPart(Guid UserId, string Module, DateTimeOffset FinishedAt, Dictionary<string, long> Counts);
