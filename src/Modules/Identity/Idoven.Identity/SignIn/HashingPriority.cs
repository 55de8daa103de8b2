namespace Idoven.Identity.SignIn;

/// <summary>
/// Selects the queue in which a password waits to be hashed. Each queue has its own limit, and a long one does not make the other longer.
/// </summary>
internal enum HashingPriority
{
    /// <summary>A request with only a name and a password.</summary>
    UnknownDevice,

    /// <summary>
    /// A request that has shown more: a browser on which the account's holder signed in before, a session, or a link that was sent.
    /// </summary>
    KnownDevice,
}

/// <summary>Thrown if a queue, or the share of the caller, is full: hashing is bounded so that sign-ins cannot slow down uploads.</summary>
internal sealed class TooManySignInsException : Exception;
