using Idoven.Shared.Web;

namespace Idoven.Users.Api;

/// <summary>The problem types of the module.</summary>
internal static class UsersProblems
{
    public static readonly ProblemType Taken = new("taken", "The username is taken");
    public static readonly ProblemType AlreadyActivated = new("already-activated", "The account is already activated");
    public static readonly ProblemType LastSuperadmin = new("last-superadmin", "The last superadmin cannot be disabled or deleted");

    /// <summary>Gets all of them.</summary>
    public static ProblemType[] All => [Taken, AlreadyActivated, LastSuperadmin];
}
