using Idoven.Users.Contracts;
using Idoven.Users.Domain;

namespace Idoven.Users.Application;

internal static class Locking
{
    /// <exception cref="UserRejectedException">There is no such user that the actor may see.</exception>
    public static async Task<User> LockFor(this IUsers users, Actor actor, Guid id, CancellationToken ct) =>
        await users.Lock(id, ct) is { } user && actor.Sees(user) ? user : throw new UserRejectedException(UserRejection.NotFound);

    /// <summary>Before a superadmin's act on a single user: nobody else can remove one.</summary>
    public static async Task<IReadOnlyList<User>> LockSuperadminsFor(this IUsers users, Actor actor, CancellationToken ct) =>
        actor.MayManage(UserRole.Superadmin) ? await users.LockSuperadmins(ct) : [];

    /// <summary>Whether nobody who can sign in would be left to administer without this one.</summary>
    public static bool WouldLeaveNone(this IReadOnlyList<User> superadmins, User without) =>
        without.Role == UserRole.Superadmin
        && !superadmins.Any(other => other.Id != without.Id && other is { IsEnabled: true, ActivatedAt: not null });
}
