using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Sessions;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;
using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;

namespace Idoven.Identity.Accounts;

/// <summary>
/// Applies a change of the user to the account. Disabling ends all sessions and tokens, even if the message that enables the user again
/// arrives first: each message says how often the user was disabled, and older messages are ignored.
/// </summary>
internal sealed class ChangeAccountHandler(
    IAccountChanges accounts, ISessions sessions, IOneTimeTokens tokens, INotices notices, IIdentityOutbox outbox,
    IIdentityAuditLog auditLog)
{
    public async Task Handle(UserChanged user, CancellationToken ct)
    {
        if (await accounts.Lock(user.UserId, ct) is { } transaction
            && await accounts.Change(AccountChange.FromMessage(user), transaction, ct) is { } changed)
        {
            if (changed.FormerEmail is not null || changed.HasNewEmail)
            {
                // Links that were sent to the former address must not work any more.
                await tokens.RevokeAll(user.UserId, transaction, ct);
            }

            await Notify(user.UserId, changed, user.Email, transaction, ct);
            if (changed.Generation is { } generation)
            {
                await sessions.EndAll(user.UserId, transaction, ct);
                auditLog.Add(new AuditEntry(AuditActions.DisableAccount, $"{user.UserId}"));
                outbox.Add(new SessionsRevoked(user.UserId.ToString(), SessionId: null, generation), user.UserId);
            }
        }

        await accounts.Save(ct);
    }

    /// <summary>
    /// Notifies the former address of the change and asks the new one for verification. If a limit of e-mails is reached, the change is
    /// saved all the same and no e-mail is sent.
    /// </summary>
    private async Task Notify(Guid id, ChangedAccount changed, string? email, OpenTransaction transaction, CancellationToken ct)
    {
        if (changed.FormerEmail is { } former)
        {
            await notices.Add(id, Notice.EmailChanged, former, transaction, ct);
        }

        if (changed.HasNewEmail)
        {
            await notices.Add(id, Notice.VerifyEmail, email, transaction, ct);
        }

        if (changed.HasNewUsername)
        {
            await notices.Add(id, Notice.UsernameChanged, changed.FormerEmail, transaction, ct);
        }
    }
}
