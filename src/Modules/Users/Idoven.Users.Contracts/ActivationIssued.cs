namespace Idoven.Users.Contracts;

/// <summary>A new activation token was issued before the first activation. It replaces the old one.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Version">The version of the user. Of two tokens, the one with the higher version is valid.</param>
/// <param name="ActivationTokenHash">The SHA-256 of the one-time activation token in base64.</param>
/// <param name="ActivationExpiresAt">The time at which that token expires, UTC.</param>
public sealed record ActivationIssued(Guid UserId, long Version, string ActivationTokenHash, DateTimeOffset ActivationExpiresAt);
