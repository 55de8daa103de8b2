using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Application;

/// <summary>The account follows its user. One that is disabled loses every session and token.</summary>
internal sealed class ChangeAccountHandler(
    IAccountChanges accounts, ISessions sessions, [FromKeyedServices(IdentityModule.Name)] IOutbox outbox, [FromKeyedServices(IdentityModule.Name)] IAuditTrail trail)
{
    public async Task Handle(UserChanged user, CancellationToken ct)
    {
        if (await accounts.Lock(user.UserId, ct)
            && await accounts.Change(new AccountChange(user.UserId, user.Version, user.Username, user.Email, user.Enabled), ct) is { } generation)
        {
            await sessions.EndAll(user.UserId, ct);
            trail.Add(new AuditEntry(Acts.DisableAccount, $"{user.UserId}"));
            outbox.Add(new SessionsRevoked(user.UserId.ToString(), SessionId: null, generation), user.UserId);
        }

        await accounts.Save(ct);
    }
}
