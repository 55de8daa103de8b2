using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Shared.Web.Idempotency;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <summary>
/// Issues a new activation token before the first activation. If the user activates the account at the same moment, Identity ignores the
/// new token.
/// </summary>
internal sealed class IssueActivationHandler(
    IUsers users, IUsersOutbox outbox, IUsersAuditLog auditLog, TimeProvider clock)
{
    /// <param name="key">The idempotency key of the request; null if it has none.</param>
    /// <returns>The user, and the activation; null if an earlier request with the same key issued it.</returns>
    /// <exception cref="UserRejectedException">There is no such user, the actor may not manage it, or it is already activated.</exception>
    /// <exception cref="RequestKeyReusedException">The request's key belongs to another body.</exception>
    public async Task<(User User, Activation? Activation)> Handle(Actor actor, Guid id, RequestKey? key, CancellationToken ct)
    {
        if (await users.Lock(id, ct) is not { } user || !actor.MaySee(user))
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
        auditLog.Add(new AuditEntry(AuditActions.IssueActivation, $"{user.Id}"));
        outbox.Add(new ActivationIssued(user.Id, user.Version, activation.TokenHash, activation.ExpiresAt), user.Id);
        await users.Save(ct);
        return (user, activation);
    }
}
