namespace Idoven.Users.Contracts;

/// <summary>A user was deleted. Each module with data of the user erases them and reports it.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Version">The last version of the user. Messages with a lower version are ignored.</param>
public sealed record UserDeleted(Guid UserId, long Version);
