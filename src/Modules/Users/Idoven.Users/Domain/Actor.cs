using Idoven.Users.Contracts;

namespace Idoven.Users.Domain;

/// <summary>Who acts on users: a person of a role, or a machine client, which has neither id nor role.</summary>
internal sealed record Actor(Guid? Id, string? Role)
{
    /// <summary>The roles of those it registers, lists, disables and deletes: none for a user, all for a superadmin.</summary>
    public IReadOnlyList<string> Manages { get; } = Role switch
    {
        UserRole.Superadmin => UserRole.All,
        UserRole.Admin or null => [UserRole.User],
        _ => [],
    };

    public bool MayManage(string role) => Manages.Contains(role);

    /// <summary>Whom it may not see does not exist for it.</summary>
    public bool Sees(User user) => IsSelf(user) || MayManage(user.Role);

    /// <summary>Gets whether a person acts, not a machine client.</summary>
    public bool IsPerson => Role is not null;

    public bool IsSelf(User user) => user.Id == Id;
}
