using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Shared.Web.Idempotency;
using Idoven.Users.Contracts;
using Idoven.Users.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Users.Application;

/// <param name="Key">The idempotency key of the request; null if it has none.</param>
internal sealed record RegisterUser(string Username, string? Email, string? DisplayName, string Role, RequestKey? Key = null);

internal sealed class RegisterUserHandler(
    IUsers users, IUsersOutbox outbox, IUsersAuditLog auditLog, TimeProvider clock)
{
    /// <returns>The user, and the activation; null if an earlier request with the same key registered the user.</returns>
    /// <exception cref="UserRuleException">A value breaks a rule.</exception>
    /// <exception cref="UserRejectedException">
    /// The actor may not register this role, the username is taken, or the user that an earlier request registered was deleted.
    /// </exception>
    /// <exception cref="RequestKeyReusedException">The request's key belongs to another body.</exception>
    public async Task<(User User, Activation? Activation)> Handle(Actor actor, RegisterUser command, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var activation = Activation.Issue(now);
        var user = User.Register(
            Guid.CreateVersion7(now), command.Username, command.Email, command.DisplayName, command.Role, activation, now);
        if (!actor.MayManage(user.Role))
        {
            throw new UserRejectedException(UserRejection.NotAllowed);
        }

        if (command.Key is { } key && await users.Claim(key, user.Id, now, ct) is { } earlier)
        {
            return (await users.Find(earlier, ct) ?? throw new UserRejectedException(UserRejection.NotFound), null);
        }

        users.Add(user);
        auditLog.Add(new AuditEntry(AuditActions.RegisterUser, $"{user.Id}"));
        outbox.Add(
            new UserRegistered(user.Id, user.Version, user.Username, user.Email, user.Role, activation.TokenHash, activation.ExpiresAt),
            user.Id);
        await users.Save(ct);
        return (user, activation);
    }
}
