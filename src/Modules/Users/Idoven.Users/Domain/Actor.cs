using Idoven.Users.Contracts;

namespace Idoven.Users.Domain;

/// <summary>
/// Represents the caller of a use case: a user with a role, or a machine client, which has neither id nor role. Its role decides which
/// users it may register, list, disable and delete.
/// </summary>
internal sealed record Actor(Guid? Id, string? Role)
{
    /// <summary>Gets the roles of the users that the actor may manage: none for a user, all for a superadmin.</summary>
    public IReadOnlyList<string> ManagedRoles { get; } = Role switch
    {
        UserRole.Superadmin => UserRole.All,
        UserRole.Admin or null => [UserRole.User],
        _ => [],
    };

    /// <summary>Returns whether the actor may register, list, disable and delete users of a role.</summary>
    public bool MayManage(string role) => ManagedRoles.Contains(role);

    /// <summary>Returns whether the actor may see a user. For other users the response is the same as for unknown ids.</summary>
    public bool MaySee(User user) => IsSelf(user) || MayManage(user.Role);

    /// <summary>Gets whether the actor is a user and not a machine client.</summary>
    public bool IsPerson => Role is not null;

    public bool IsSelf(User user) => user.Id == Id;
}
