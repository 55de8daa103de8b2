namespace Idoven.Users.Contracts;

/// <summary>A user was registered; Identity makes the account.</summary>
/// <param name="UserId">The user; becomes the <c>sub</c> of their tokens.</param>
/// <param name="Version">The user's row version: Identity ignores what is older than it has seen.</param>
/// <param name="Username">Login identifier.</param>
/// <param name="Email">Second login identifier, if any.</param>
/// <param name="Role"><c>user</c>, <c>admin</c> or <c>superadmin</c>; never changes.</param>
/// <param name="ActivationTokenHash">SHA-256 of the one-time activation token, base64; null where none was issued.</param>
/// <param name="ActivationExpiresAt">When that token ends, UTC.</param>
public sealed record UserRegistered(
    Guid UserId,
    long Version,
    string Username,
    string? Email,
    string Role,
    string? ActivationTokenHash,
    DateTimeOffset? ActivationExpiresAt);
