namespace Idoven.Users.Contracts;

/// <summary>A user was deleted: whoever holds something of theirs erases it, and says so.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Version">The user's last row version: nothing of a lower one counts any more.</param>
public sealed record UserDeleted(Guid UserId, long Version);
