namespace Idoven.Identity.Keys;

internal enum KeyUse
{
    /// <summary>Of every token that leaves the service, and of those inside that are sealed.</summary>
    Signing,

    /// <summary>Of what the service gives out for itself to read again: codes and refresh tokens.</summary>
    Encryption,
}

internal enum KeyState
{
    /// <summary>Published and accepted, and the one that comes next: everybody knows it before anything is signed with it.</summary>
    Next,

    /// <summary>Signs and seals.</summary>
    Active,

    /// <summary>Signs nothing any more, and is accepted until the last that it signed is over.</summary>
    Retired,
}

/// <summary>A key of the token server, without its secret.</summary>
internal sealed record Key(Guid Id, KeyUse Use, DateTimeOffset CreatedAt, DateTimeOffset? ActivatedAt = null, DateTimeOffset? RetiredAt = null)
{
    /// <summary>As JSON Web Algorithms name it (RFC 7518).</summary>
    public string Algorithm => Use == KeyUse.Signing ? "PS256" : "A256KW";

    public KeyState State => this switch
    {
        { RetiredAt: not null } => KeyState.Retired,
        { ActivatedAt: not null } => KeyState.Active,
        _ => KeyState.Next,
    };
}
