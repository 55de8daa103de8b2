namespace Idoven.Identity.Keys;

internal enum KeyUse
{
    /// <summary>Signs all tokens.</summary>
    Signing,

    /// <summary>Encrypts the tokens that only the service itself reads: codes and refresh tokens.</summary>
    Encryption,
}

internal enum KeyState
{
    /// <summary>Published and accepted, and not used yet, so that all readers know it before anything is signed with it.</summary>
    Next,

    /// <summary>Used to sign or encrypt.</summary>
    Active,

    /// <summary>No longer used, and accepted until everything that was signed or encrypted with it has expired.</summary>
    Retired,
}

/// <summary>Represents a key of the token server, without its secret.</summary>
internal sealed record Key(
    Guid Id, KeyUse Use, DateTimeOffset CreatedAt, DateTimeOffset? ActivatedAt = null, DateTimeOffset? RetiredAt = null)
{
    /// <summary>Gets the name of the algorithm (JSON Web Algorithms, RFC 7518).</summary>
    public string Algorithm => Use == KeyUse.Signing ? "PS256" : "A256KW";

    public KeyState State => this switch
    {
        { RetiredAt: not null } => KeyState.Retired,
        { ActivatedAt: not null } => KeyState.Active,
        _ => KeyState.Next,
    };
}
