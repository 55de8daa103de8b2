using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <summary>The user is gone at once and the name is free; account, sessions, tokens and ECGs follow by message.</summary>
internal sealed class DeleteUserHandler(
    IUsers users, [FromKeyedServices(UsersModule.Name)] IOutbox outbox, [FromKeyedServices(UsersModule.Name)] IAuditTrail trail, TimeProvider clock)
{
    /// <exception cref="UserRefusedException">No such user, not the actor's to delete, or the last superadmin.</exception>
    public async Task Handle(Actor actor, Guid id, CancellationToken ct)
    {
        var superadmins = await users.LockSuperadminsFor(actor, ct);
        var user = await users.LockFor(actor, id, ct);
        if (!actor.MayManage(user.Role))
        {
            throw new UserRefusedException(UserRefusal.NotAllowed);
        }

        if (superadmins.WouldLeaveNone(user))
        {
            throw new UserRefusedException(UserRefusal.LastSuperadmin);
        }

        users.Remove(user);
        users.Add(new Erasure(user.Id, user.Role, clock.GetUtcNow()));
        await users.ForgetRequests(id.ToString(), ct);
        trail.Add(new AuditEntry(Acts.DeleteUser, $"{user.Id}"));
        outbox.Add(new UserDeleted(user.Id, user.Version + 1), user.Id);
        await users.Save(ct);
    }
}
