namespace Idoven.Identity.SignIn;

/// <summary>Whom a hash waits behind. Each line has its own bound, and the one is never the longer for the other.</summary>
internal enum HashingPriority
{
    /// <summary>Anybody who sends a name and a password.</summary>
    Strangers,

    /// <summary>Who has shown something already: a browser that the account's holder signed in on, a session, a link that was sent.</summary>
    Known,
}

/// <summary>Hashing is bounded, so that sign-ins cannot starve uploads.</summary>
internal sealed class TooManySignInsException : Exception;
