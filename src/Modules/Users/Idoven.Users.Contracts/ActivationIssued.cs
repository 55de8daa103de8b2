namespace Idoven.Users.Contracts;

/// <summary>A new activation token was issued, before the first activation; it ends the old one.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Version">The user's row version: of two tokens the one of the higher version holds.</param>
/// <param name="ActivationTokenHash">SHA-256 of the one-time activation token, base64.</param>
/// <param name="ActivationExpiresAt">When that token ends, UTC.</param>
public sealed record ActivationIssued(Guid UserId, long Version, string ActivationTokenHash, DateTimeOffset ActivationExpiresAt);
