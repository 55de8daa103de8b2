using Idoven.Identity.Common;
using Idoven.Identity.Contracts;
using Idoven.Identity.Mail;
using Idoven.Identity.OneTimeTokens;
using Idoven.Identity.Sessions;
using Idoven.Shared.Audit;
using Idoven.Shared.Messaging;
using Idoven.Users.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.Accounts;

/// <summary>
/// The account follows its user. One that is disabled loses every session and token, also where the message that enables it again comes
/// first: it says how often the user was disabled, and the one before counts no more.
/// </summary>
internal sealed class ChangeAccountHandler(
    IAccountChanges accounts, ISessions sessions, IOneTimeTokens tokens, INotices notices, IIdentityOutbox outbox,
    IIdentityAuditLog trail)
{
    public async Task Handle(UserChanged user, CancellationToken ct)
    {
        if (await accounts.Lock(user.UserId, ct)
            && await accounts.Change(new AccountChange(user.UserId, user.Version, user.Username, user.Email, user.Enabled, user.TimesDisabled), ct) is { } changed)
        {
            if (changed.FormerEmail is not null || changed.HasNewEmail)
            {
                // What was sent to the address before gets nobody in any more.
                await tokens.RevokeAll(user.UserId, ct);
            }

            await Tell(user.UserId, changed, user.Email, ct);
            if (changed.Generation is { } generation)
            {
                await sessions.EndAll(user.UserId, ct);
                trail.Add(new AuditEntry(AuditActions.DisableAccount, $"{user.UserId}"));
                outbox.Add(new SessionsRevoked(user.UserId.ToString(), SessionId: null, generation), user.UserId);
            }
        }

        await accounts.Save(ct);
    }

    /// <summary>
    /// An address that its holder does not read any more is told so; a new one is asked whether it is theirs. Where a bound on e-mails
    /// is reached, the change stands and nothing is sent.
    /// </summary>
    private async Task Tell(Guid id, ChangedAccount changed, string? email, CancellationToken ct)
    {
        if (changed.FormerEmail is { } former)
        {
            await notices.Add(id, Notice.EmailChanged, former, ct);
        }

        if (changed.HasNewEmail)
        {
            await notices.Add(id, Notice.VerifyEmail, email, ct);
        }

        if (changed.HasNewUsername)
        {
            await notices.Add(id, Notice.UsernameChanged, changed.FormerEmail, ct);
        }
    }
}
