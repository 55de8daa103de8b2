using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <summary>
/// Deletes a user: at once, or after <see cref="ErasureOptions.Grace"/>, until when the user is disabled. Account, sessions, tokens
/// and ECGs follow by message.
/// </summary>
internal sealed class DeleteUserHandler(
    IUsers users, ErasureOptions options, IUsersOutbox outbox,
    IUsersAuditLog trail, TimeProvider clock)
{
    // The reasons in the audit log: the erasure follows after the grace period; it is over.
    private const string Scheduled = "scheduled";
    private const string Due = "due";

    /// <param name="hasSignedInRecently">Whether the actor, if it is a person, signed in minutes ago.</param>
    /// <exception cref="UserRejectedException">
    /// There is no such user, it is not the actor's to delete, the person signed in too long ago, or the user is the last superadmin.
    /// </exception>
    public async Task Handle(Actor actor, Guid id, bool hasSignedInRecently, CancellationToken ct)
    {
        // Only a superadmin can remove a superadmin. The lock makes two that remove each other do so one after the other.
        var superadmins = actor.MayManage(UserRole.Superadmin) ? await users.LockSuperadmins(ct) : [];
        if (await users.Lock(id, ct) is not { } user || !actor.Sees(user))
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
            trail.Add(new AuditEntry(AuditActions.DeleteUser, $"{user.Id}"));
            await Erase(user, ct);
        }
        else if (user.EraseAt is null)
        {
            user.ScheduleErasure(clock.GetUtcNow() + options.Grace);
            trail.Add(new AuditEntry(AuditActions.DeleteUser, $"{user.Id}", Scheduled));
            outbox.Add(UserMessages.Changed(user), user.Id);
        }

        await users.Save(ct);
    }

    /// <summary>
    /// Deletes any user on the host, the last superadmin too: the next start appoints another one. An unknown id changes nothing.
    /// </summary>
    public async Task OnHost(Guid id, CancellationToken ct)
    {
        if (await users.Lock(id, ct) is { } user)
        {
            trail.Add(new AuditEntry(AuditActions.DeleteUser, $"{user.Id}"));
            await Erase(user, ct);
        }

        await users.Save(ct);
    }

    /// <summary>Erases a user whose grace period is over; does nothing if the erasure was called off.</summary>
    public async Task EraseDue(Guid id, CancellationToken ct)
    {
        if (await users.Lock(id, ct) is { EraseAt: { } due } user && due <= clock.GetUtcNow())
        {
            trail.Add(new AuditEntry(AuditActions.EraseUser, $"{user.Id}", Due));
            await Erase(user, ct);
        }

        await users.Save(ct);
    }

    /// <summary>The user is gone and the name is free.</summary>
    private async Task Erase(User user, CancellationToken ct)
    {
        users.Remove(user);
        users.Add(new Erasure(user.Id, user.Role, clock.GetUtcNow()));
        await users.ForgetRequests(user.Id.ToString(), ct);
        outbox.Add(new UserDeleted(user.Id, user.Version + 1), user.Id);
    }
}
