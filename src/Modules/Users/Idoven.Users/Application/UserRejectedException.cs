namespace Idoven.Users.Application;

/// <summary>Represents the reason why a use case was rejected. Nothing was stored.</summary>
internal enum UserRejection
{
    /// <summary>There is no such user, or the actor may not see it.</summary>
    NotFound,

    /// <summary>The role of the actor does not allow it.</summary>
    NotAllowed,

    /// <summary>The username belongs to another user.</summary>
    Taken,

    /// <summary>The user was changed since the actor read it.</summary>
    Stale,

    /// <summary>The user has already chosen a password, so no activation token can be issued.</summary>
    AlreadyActivated,

    /// <summary>The change needs a sign-in of the last minutes.</summary>
    SignInTooLongAgo,

    /// <summary>No superadmin who can sign in would remain.</summary>
    LastSuperadmin,
}

internal sealed class UserRejectedException(UserRejection rejection) : Exception
{
    public UserRejection Rejection { get; } = rejection;
}
