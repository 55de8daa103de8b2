using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <param name="Enabled">Whether the user may sign in; null for no change.</param>
/// <param name="Contact">Creates the new contact data from the current user; null for no change.</param>
/// <param name="HasSignedInRecently">Whether the actor has signed in within the last minutes.</param>
internal sealed record ChangeUser(bool? Enabled, Func<User, ContactData>? Contact, bool HasSignedInRecently);

internal sealed record ContactData(string Username, string? Email, string? DisplayName)
{
    public static ContactData FromUser(User user) => new(user.Username, user.Email, user.DisplayName);
}

/// <summary>
/// Changes a user. Administrators of the user enable and disable it. Only the user changes the contact data, because the account can be
/// entered with the username and the e-mail address.
/// </summary>
internal sealed class ChangeUserHandler(
    IUsers users, IUsersOutbox outbox, IUsersAuditLog auditLog)
{
    private const string ErasureCancelled = "erasure_called_off";

    /// <param name="isCurrent">Returns whether a version is the one that the actor has read.</param>
    /// <exception cref="UserRuleException">A value breaks a rule.</exception>
    /// <exception cref="UserRejectedException">
    /// There is no such user, the actor may not change it, it was changed meanwhile, the username is taken, the actor signed in too long
    /// ago, or the user is the last superadmin.
    /// </exception>
    public async Task<User> Handle(Actor actor, Guid id, ChangeUser command, Func<long, bool> isCurrent, CancellationToken ct)
    {
        // Only a superadmin can remove a superadmin. The lock makes two that remove each other do so one after the other.
        var superadmins = actor.MayManage(UserRole.Superadmin) ? await users.LockSuperadmins(ct) : [];
        if (await users.Lock(id, ct) is not { } user || !actor.MaySee(user))
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
            var isErasureCancelled = enabled && user.EraseAt is not null;
            user.SetEnabled(enabled);
            var action = enabled ? AuditActions.EnableUser : AuditActions.DisableUser;
            auditLog.Add(new AuditEntry(action, $"{user.Id}", isErasureCancelled ? ErasureCancelled : null));
        }

        if (command.Contact?.Invoke(user) is { } contact && contact != ContactData.FromUser(user))
        {
            if (!command.HasSignedInRecently && (contact.Username, contact.Email) != (user.Username, user.Email))
            {
                throw new UserRejectedException(UserRejection.SignInTooLongAgo);
            }

            user.ChangeContact(contact.Username, contact.Email, contact.DisplayName);
            auditLog.Add(new AuditEntry(AuditActions.ChangeUser, $"{user.Id}"));
        }

        if (user.Version != before)
        {
            outbox.Add(UserMessages.Changed(user), user.Id);
        }

        await users.Save(ct);
        return user;
    }
}
