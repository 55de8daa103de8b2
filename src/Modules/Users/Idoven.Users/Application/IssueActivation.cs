using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Shared.Web.Idempotency;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <summary>
/// A new activation token, as long as the account was never activated. Should its holder do so at this moment, Identity, which
/// knows it first, ignores the token.
/// </summary>
internal sealed class IssueActivationHandler(
    IUsers users, IUsersOutbox outbox, IUsersAuditLog trail, TimeProvider clock)
{
    /// <param name="key">The request's key, where the client gave one.</param>
    /// <returns>The user, and the activation; null where the same request issued it before.</returns>
    /// <exception cref="UserRejectedException">No such user, or not the actor's to activate, or activated already.</exception>
    /// <exception cref="RequestKeyReusedException">The request's key belongs to another body.</exception>
    public async Task<(User User, Activation? Activation)> Handle(Actor actor, Guid id, RequestKey? key, CancellationToken ct)
    {
        if (await users.Lock(id, ct) is not { } user || !actor.Sees(user))
        {
            throw new UserRejectedException(UserRejection.NotFound);
        }

        if (!actor.MayManage(user.Role))
        {
            throw new UserRejectedException(UserRejection.NotAllowed);
        }

        var now = clock.GetUtcNow();
        if (key is not null && await users.Claim(key, id, now, ct) is not null)
        {
            return (user, null);
        }

        if (user.ActivatedAt is not null)
        {
            throw new UserRejectedException(UserRejection.AlreadyActivated);
        }

        var activation = Activation.Issue(now);
        user.RecordActivationIssued(activation);
        trail.Add(new AuditEntry(AuditActions.IssueActivation, $"{user.Id}"));
        outbox.Add(new ActivationIssued(user.Id, user.Version, activation.TokenHash, activation.ExpiresAt), user.Id);
        await users.Save(ct);
        return (user, activation);
    }
}
