using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <summary>
/// A new activation token, as long as the account was never activated. Should its holder do so at this moment, Identity, which
/// knows it first, ignores the token.
/// </summary>
internal sealed class IssueActivationHandler(IUsers users, [FromKeyedServices(UsersModule.Name)] IOutbox outbox, TimeProvider clock)
{
    /// <exception cref="UserRefusedException">No such user, or not the actor's to activate, or activated already.</exception>
    public async Task<Activation> Handle(Actor actor, Guid id, CancellationToken ct)
    {
        var user = await users.LockFor(actor, id, ct);
        if (!actor.MayManage(user.Role))
        {
            throw new UserRefusedException(UserRefusal.NotAllowed);
        }

        if (user.ActivatedAt is not null)
        {
            throw new UserRefusedException(UserRefusal.AlreadyActivated);
        }

        var activation = Activation.Issue(clock.GetUtcNow());
        user.ActivationIssued(activation);
        outbox.Add(new ActivationIssued(user.Id, user.Version, activation.TokenHash, activation.ExpiresAt), user.Id);
        await users.Save(ct);
        return activation;
    }
}
