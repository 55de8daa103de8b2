namespace Idoven.Users.Contracts;

/// <summary>A user was enabled, disabled, or changed what they sign in with or are called by.</summary>
/// <param name="UserId">The user.</param>
/// <param name="Version">The user's row version: Identity ignores what is older than it has seen.</param>
/// <param name="Username">Login identifier.</param>
/// <param name="Email">Second login identifier, if any.</param>
/// <param name="Enabled">Whether they may sign in.</param>
/// <param name="TimesDisabled">How often they were disabled: whoever has missed that by an earlier message learns it by this one. Null from a sender that does not count yet.</param>
public sealed record UserChanged(Guid UserId, long Version, string Username, string? Email, bool Enabled, int? TimesDisabled = null);
