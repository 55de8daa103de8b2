using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;

namespace Idoven.Identity.Accounts;

/// <summary>Deletes the account of a deleted user, except for a tombstone that late messages find.</summary>
internal sealed class DeleteAccountHandler(
    IAccountChanges accounts, IIdentityOutbox outbox, IIdentityAuditLog auditLog, TimeProvider clock)
{
    public async Task Handle(UserDeleted user, CancellationToken ct)
    {
        if (await accounts.Lock(user.UserId, ct) is { } transaction)
        {
            var erased = await accounts.Erase(user.UserId, user.Version, clock.GetUtcNow(), transaction, ct);
            if (erased.Generation is { } generation)
            {
                outbox.Add(new SessionsRevoked(user.UserId.ToString(), SessionId: null, generation), user.UserId);
            }

            auditLog.Add(new AuditEntry(AuditActions.EraseAccount, $"{user.UserId}"));
            outbox.Add(new OwnerErased(user.UserId.ToString(), erased.Counts), user.UserId);
        }

        await accounts.Save(ct);
    }
}
