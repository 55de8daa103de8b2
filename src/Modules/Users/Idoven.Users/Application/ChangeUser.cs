using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <param name="Enabled">Null: as it is.</param>
/// <param name="Contact">Makes the new contact data from the user as it is; null: as they are.</param>
/// <param name="HasSignedInRecently">Whether the actor has shown minutes ago that they are it.</param>
internal sealed record ChangeUser(bool? Enabled, Func<User, ContactData>? Contact, bool HasSignedInRecently);

internal sealed record ContactData(string Username, string? Email, string? DisplayName)
{
    public static ContactData FromUser(User user) => new(user.Username, user.Email, user.DisplayName);
}

/// <summary>Who administers a user enables and disables; contact data are the user's own, for username and e-mail address are ways into the account.</summary>
internal sealed class ChangeUserHandler(
    IUsers users, IUsersOutbox outbox, IUsersAuditLog trail)
{
    private const string ErasureCalledOff = "erasure_called_off";

    /// <param name="isCurrent">Whether a version is the one that the actor has read.</param>
    /// <exception cref="UserRuleException">A value breaks a rule.</exception>
    /// <exception cref="UserRejectedException">No such user, not the actor's to change, stale, taken, a sign-in too long ago, or the last superadmin.</exception>
    public async Task<User> Handle(Actor actor, Guid id, ChangeUser command, Func<long, bool> isCurrent, CancellationToken ct)
    {
        // Only a superadmin can remove a superadmin. The lock makes two that remove each other do so one after the other.
        var superadmins = actor.MayManage(UserRole.Superadmin) ? await users.LockSuperadmins(ct) : [];
        if (await users.Lock(id, ct) is not { } user || !actor.Sees(user))
        {
            throw new UserRejectedException(UserRejection.NotFound);
        }

        if ((command.Contact is not null && !actor.IsSelf(user)) || (command.Enabled is not null && !actor.MayManage(user.Role)))
        {
            throw new UserRejectedException(UserRejection.NotAllowed);
        }

        if (!isCurrent(user.Version))
        {
            throw new UserRejectedException(UserRejection.Stale);
        }

        if (command.Enabled is false && user.IsLastSuperadminOf(superadmins))
        {
            throw new UserRejectedException(UserRejection.LastSuperadmin);
        }

        var before = user.Version;
        if (command.Enabled is { } enabled && enabled != user.IsEnabled)
        {
            var isErasureCalledOff = enabled && user.EraseAt is not null;
            user.SetEnabled(enabled);
            var action = enabled ? AuditActions.EnableUser : AuditActions.DisableUser;
            trail.Add(new AuditEntry(action, $"{user.Id}", isErasureCalledOff ? ErasureCalledOff : null));
        }

        if (command.Contact?.Invoke(user) is { } contact && contact != ContactData.FromUser(user))
        {
            if (!command.HasSignedInRecently && (contact.Username, contact.Email) != (user.Username, user.Email))
            {
                throw new UserRejectedException(UserRejection.SignInTooLongAgo);
            }

            user.ChangeContact(contact.Username, contact.Email, contact.DisplayName);
            trail.Add(new AuditEntry(AuditActions.ChangeUser, $"{user.Id}"));
        }

        if (user.Version != before)
        {
            outbox.Add(UserMessages.Changed(user), user.Id);
        }

        await users.Save(ct);
        return user;
    }
}
