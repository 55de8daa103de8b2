using Microsoft.AspNetCore.Identity;

namespace Idoven.Identity.Infrastructure.Accounts;

/// <summary>What Identity knows of a user. Its id is the user's, and the <c>sub</c> of every token.</summary>
internal sealed class Account : IdentityUser<Guid>
{
    public string Role { get; set; } = "";

    /// <summary>The last version of the user that was seen: older messages are ignored.</summary>
    public long UserVersion { get; set; }

    public bool IsEnabled { get; set; }

    /// <summary>Raised by whatever must end all tokens: they carry the generation they were made in.</summary>
    public int Generation { get; set; }

    /// <summary>When its holder chose a password.</summary>
    public DateTimeOffset? ActivatedAt { get; set; }
}

/// <summary>A sign-in through one client, until it is ended.</summary>
internal sealed class Session
{
    public required Guid Id { get; init; }

    public required Guid AccountId { get; init; }

    public required string ClientId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastUsedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}
