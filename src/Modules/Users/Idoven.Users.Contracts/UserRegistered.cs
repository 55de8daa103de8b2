namespace Idoven.Users.Contracts;

/// <summary>A user was registered. Identity creates the account.</summary>
/// <param name="UserId">The user; the <c>sub</c> of the user's tokens.</param>
/// <param name="Version">The version of the user. Identity ignores messages with an older version than it has processed.</param>
/// <param name="Username">The username to sign in with.</param>
/// <param name="Email">The e-mail address, if any.</param>
/// <param name="Role">The role, which never changes: <c>user</c>, <c>admin</c> or <c>superadmin</c>.</param>
/// <param name="ActivationTokenHash">The SHA-256 of the one-time activation token in base64; null if none was issued.</param>
/// <param name="ActivationExpiresAt">The time at which that token expires, UTC.</param>
public sealed record UserRegistered(
    Guid UserId,
    long Version,
    string Username,
    string? Email,
    string Role,
    string? ActivationTokenHash,
    DateTimeOffset? ActivationExpiresAt);
