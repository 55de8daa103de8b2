using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <param name="Enabled">Null: as it is.</param>
/// <param name="Contact">Makes the new contact data from the user as it is; null: as they are.</param>
internal sealed record ChangeUser(bool? Enabled, Func<User, ContactData>? Contact);

internal sealed record ContactData(string? Email, string? DisplayName);

/// <summary>Who administers a user enables and disables; contact data are the user's own, for an e-mail address is a way into the account.</summary>
internal sealed class ChangeUserHandler(
    IUsers users, [FromKeyedServices(UsersModule.Name)] IOutbox outbox, [FromKeyedServices(UsersModule.Name)] IAuditTrail trail)
{
    /// <param name="isCurrent">Whether a version is the one that the actor has read.</param>
    /// <exception cref="UserRuleException">A value breaks a rule.</exception>
    /// <exception cref="UserRefusedException">No such user, not the actor's to change, stale, taken, or the last superadmin.</exception>
    public async Task<User> Handle(Actor actor, Guid id, ChangeUser command, Func<long, bool> isCurrent, CancellationToken ct)
    {
        var superadmins = await users.LockSuperadminsFor(actor, ct);
        var user = await users.LockFor(actor, id, ct);
        if ((command.Contact is not null && !actor.IsSelf(user)) || (command.Enabled is not null && !actor.MayManage(user.Role)))
        {
            throw new UserRefusedException(UserRefusal.NotAllowed);
        }

        if (!isCurrent(user.Version))
        {
            throw new UserRefusedException(UserRefusal.Stale);
        }

        if (command.Enabled is false && superadmins.WouldLeaveNone(user))
        {
            throw new UserRefusedException(UserRefusal.LastSuperadmin);
        }

        var before = user.Version;
        if (command.Enabled is { } enabled && enabled != user.IsEnabled)
        {
            user.SetEnabled(enabled);
            trail.Add(new AuditEntry(enabled ? Acts.EnableUser : Acts.DisableUser, $"{user.Id}"));
        }

        if (command.Contact?.Invoke(user) is { } contact && contact != new ContactData(user.Email, user.DisplayName))
        {
            user.ChangeContact(contact.Email, contact.DisplayName);
            trail.Add(new AuditEntry(Acts.ChangeUser, $"{user.Id}"));
        }

        if (user.Version != before)
        {
            outbox.Add(new UserChanged(user.Id, user.Version, user.Username, user.Email, user.IsEnabled), user.Id);
        }

        await users.Save(ct);
        return user;
    }
}
