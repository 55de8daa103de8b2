namespace Idoven.Users.Domain;

/// <summary>A deleted user, whose data other modules erase and report. Nothing of the person is in it but the id.</summary>
internal sealed class Erasure(Guid userId, string role, DateTimeOffset requestedAt)
{
    private readonly List<ErasedPart> parts = [];

    public Guid UserId { get; } = userId;

    /// <summary>Of the deleted user: decides who may see it.</summary>
    public string Role { get; } = role;

    public DateTimeOffset RequestedAt { get; } = requestedAt;

    public IReadOnlyList<ErasedPart> Parts => parts;

    /// <summary>A module is done. It says so once; a repeated word changes nothing.</summary>
    /// <returns>False for a repeated word.</returns>
    public bool Finish(string module, DateTimeOffset at, IReadOnlyDictionary<string, long> counts)
    {
        var isNews = parts.All(part => part.Module != module);
        if (isNews)
        {
            parts.Add(new ErasedPart(UserId, module, at, new Dictionary<string, long>(counts)));
        }

        return isNews;
    }
}

/// <param name="Counts">How many of each kind the module erased.</param>
internal sealed record ErasedPart(Guid UserId, string Module, DateTimeOffset FinishedAt, Dictionary<string, long> Counts);
