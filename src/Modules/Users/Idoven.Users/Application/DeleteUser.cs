using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <summary>
/// Deletes a user at once or after <see cref="ErasureOptions.Grace"/>; until then the user is disabled. A message makes the other modules
/// erase the account, its sessions and tokens, and the ECGs.
/// </summary>
internal sealed class DeleteUserHandler(
    IUsers users, ErasureOptions options, IUsersOutbox outbox,
    IUsersAuditLog auditLog, TimeProvider clock)
{
    // The reasons in the audit log: the erasure is scheduled for the end of the grace period; the grace period has ended.
    private const string Scheduled = "scheduled";
    private const string Due = "due";

    /// <param name="hasSignedInRecently">Whether the actor, if it is a user, has signed in within the last minutes.</param>
    /// <exception cref="UserRejectedException">
    /// There is no such user, the actor may not delete it, the actor signed in too long ago, or the user is the last superadmin.
    /// </exception>
    public async Task Handle(Actor actor, Guid id, bool hasSignedInRecently, CancellationToken ct)
    {
        // Only a superadmin can remove a superadmin. The lock makes two that remove each other do so one after the other.
        var superadmins = actor.MayManage(UserRole.Superadmin) ? await users.LockSuperadmins(ct) : [];
        if (await users.Lock(id, ct) is not { } user || !actor.MaySee(user))
        {
            throw new UserRejectedException(UserRejection.NotFound);
        }

        if (!actor.MayManage(user.Role))
        {
            throw new UserRejectedException(UserRejection.NotAllowed);
        }

        if (actor.IsPerson && !hasSignedInRecently)
        {
            throw new UserRejectedException(UserRejection.SignInTooLongAgo);
        }

        if (user.IsLastSuperadminOf(superadmins))
        {
            throw new UserRejectedException(UserRejection.LastSuperadmin);
        }

        if (options.Grace == TimeSpan.Zero)
        {
            auditLog.Add(new AuditEntry(AuditActions.DeleteUser, $"{user.Id}"));
            await Erase(user, ct);
        }
        else if (user.EraseAt is null)
        {
            user.ScheduleErasure(clock.GetUtcNow() + options.Grace);
            auditLog.Add(new AuditEntry(AuditActions.DeleteUser, $"{user.Id}", Scheduled));
            outbox.Add(UserMessages.Changed(user), user.Id);
        }

        await users.Save(ct);
    }

    /// <summary>
    /// Deletes any user on the host, also the last superadmin, because the next start registers another one. An unknown id changes nothing.
    /// </summary>
    public async Task DeleteOnHost(Guid id, CancellationToken ct)
    {
        if (await users.Lock(id, ct) is { } user)
        {
            auditLog.Add(new AuditEntry(AuditActions.DeleteUser, $"{user.Id}"));
            await Erase(user, ct);
        }

        await users.Save(ct);
    }

    /// <summary>Erases a user whose grace period has ended. Does nothing if the erasure was cancelled.</summary>
    public async Task EraseDue(Guid id, CancellationToken ct)
    {
        if (await users.Lock(id, ct) is { EraseAt: { } due } user && due <= clock.GetUtcNow())
        {
            auditLog.Add(new AuditEntry(AuditActions.EraseUser, $"{user.Id}", Due));
            await Erase(user, ct);
        }

        await users.Save(ct);
    }

    /// <summary>Removes the user, so that the username can be registered again.</summary>
    private async Task Erase(User user, CancellationToken ct)
    {
        users.Remove(user);
        users.Add(new Erasure(user.Id, user.Role, clock.GetUtcNow()));
        await users.ForgetRequests(user.Id.ToString(), ct);
        outbox.Add(new UserDeleted(user.Id, user.Version + 1), user.Id);
    }
}
