using System.Net;
using Microsoft.AspNetCore.Identity;

namespace Idoven.Identity.Accounts;

/// <summary>Represents the account of a user. Its id is the user's id and the <c>sub</c> claim of every token.</summary>
internal sealed class Account : IdentityUser<Guid>
{
    public string Role { get; set; } = "";

    /// <summary>Gets or sets the newest version of the user that a message brought. Older messages are ignored.</summary>
    public long UserVersion { get; set; }

    public bool IsEnabled { get; set; }

    /// <summary>Gets or sets how often the user was disabled. Each time ended all sessions.</summary>
    public int TimesDisabled { get; set; }

    /// <summary>
    /// Gets or sets the generation of valid tokens. Raising it invalidates all tokens, which carry the generation they were issued in.
    /// </summary>
    public int Generation { get; set; }

    /// <summary>Gets or sets when the holder activated the account by choosing a password; null if they did not yet.</summary>
    public DateTimeOffset? ActivatedAt { get; set; }

    /// <summary>Gets or sets the address that the account was activated from.</summary>
    public IPAddress? ActivatedFrom { get; set; }

    /// <summary>Gets or sets when the holder was last notified of unusual sign-in attempts.</summary>
    public DateTimeOffset? ToldOfGuessesAt { get; set; }
}

/// <summary>Represents the tombstone of a deleted user: messages that arrive late do not create the account again.</summary>
internal sealed record ErasedUser(Guid Id, long Version, DateTimeOffset ErasedAt);

/// <summary>Represents a session: a sign-in with one client.</summary>
internal sealed class Session
{
    public required Guid Id { get; init; }

    public required Guid AccountId { get; init; }

    public required string ClientId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastUsedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Gets the address that the session was started from.</summary>
    public IPAddress? FirstAddress { get; init; }

    /// <summary>Gets the program that it was started with, as <c>AgentFamily</c> names it.</summary>
    public string? FirstAgent { get; init; }

    /// <summary>Gets the address that a token was last issued to.</summary>
    public IPAddress? LastAddress { get; init; }

    public string? LastAgent { get; init; }
}
