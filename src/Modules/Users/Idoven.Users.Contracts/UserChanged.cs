namespace Idoven.Users.Contracts;

/// <summary>A user was enabled or disabled, or changed the username, e-mail address or display name.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Version">The version of the user. Identity ignores messages with an older version than it has processed.</param>
/// <param name="Username">The username to sign in with.</param>
/// <param name="Email">The e-mail address, if any.</param>
/// <param name="Enabled">Whether the user may sign in.</param>
/// <param name="TimesDisabled">
/// The number of times that the user was disabled, so that a consumer notices it although it missed an earlier message. Null from senders
/// of earlier versions.
/// </param>
public sealed record UserChanged(
    Guid UserId, long Version, string Username, string? Email, bool Enabled, int? TimesDisabled = null);
