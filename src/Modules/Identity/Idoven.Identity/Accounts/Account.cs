using System.Net;
using Microsoft.AspNetCore.Identity;

namespace Idoven.Identity.Accounts;

/// <summary>What Identity knows of a user. Its id is the user's, and the <c>sub</c> of every token.</summary>
internal sealed class Account : IdentityUser<Guid>
{
    public string Role { get; set; } = "";

    /// <summary>The last version of the user that was seen: older messages are ignored.</summary>
    public long UserVersion { get; set; }

    public bool IsEnabled { get; set; }

    /// <summary>How often its user was disabled, as far as is known: each time has ended every session.</summary>
    public int TimesDisabled { get; set; }

    /// <summary>Raised by whatever must end all tokens: they carry the generation they were made in.</summary>
    public int Generation { get; set; }

    /// <summary>When its holder chose a password.</summary>
    public DateTimeOffset? ActivatedAt { get; set; }

    /// <summary>From where that was done.</summary>
    public IPAddress? ActivatedFrom { get; set; }

    /// <summary>When its holder was last told of odd attempts at the password.</summary>
    public DateTimeOffset? ToldOfGuessesAt { get; set; }
}

/// <summary>The activation token that counts for a user: it may be known before its account is.</summary>
internal sealed class PendingToken
{
    public required Guid UserId { get; init; }

    /// <summary>The user's version it was issued in: an older one never replaces a newer.</summary>
    public required long Version { get; set; }

    /// <summary>SHA-256, base64.</summary>
    public required string TokenHash { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }
}

/// <summary>An activation token that was used, or replaced by a newer one: who has it is told what became of the account.</summary>
internal sealed class SpentActivation
{
    /// <summary>SHA-256, base64.</summary>
    public required string TokenHash { get; init; }

    public required Guid UserId { get; init; }

    public required DateTimeOffset SpentAt { get; init; }
}

/// <summary>The tombstone of a deleted user.</summary>
internal sealed record ErasedUser(Guid Id, long Version, DateTimeOffset ErasedAt);

/// <summary>A sign-in through one client, until it is ended.</summary>
internal sealed class Session
{
    public required Guid Id { get; init; }

    public required Guid AccountId { get; init; }

    public required string ClientId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastUsedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Where it began.</summary>
    public IPAddress? FirstAddress { get; init; }

    /// <summary>With what it began, as <c>AgentFamily</c> says it.</summary>
    public string? FirstAgent { get; init; }

    /// <summary>Where a token was last issued in it.</summary>
    public IPAddress? LastAddress { get; init; }

    public string? LastAgent { get; init; }
}
