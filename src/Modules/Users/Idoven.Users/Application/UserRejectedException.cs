namespace Idoven.Users.Application;

/// <summary>Why an act on users was refused; nothing was stored.</summary>
internal enum UserRejection
{
    /// <summary>There is no such user, or none that the actor may see.</summary>
    NotFound,

    /// <summary>The actor's role does not give this right.</summary>
    NotAllowed,

    /// <summary>The username belongs to another.</summary>
    Taken,

    /// <summary>The user was changed since the actor read it.</summary>
    Stale,

    /// <summary>The holder has chosen a password: no activation token is issued any more.</summary>
    AlreadyActivated,

    /// <summary>What the actor signs in with is changed only shortly after they have.</summary>
    SignInTooLongAgo,

    /// <summary>Nobody would be left to administer.</summary>
    LastSuperadmin,
}

internal sealed class UserRejectedException(UserRejection refusal) : Exception
{
    public UserRejection Refusal { get; } = refusal;
}
