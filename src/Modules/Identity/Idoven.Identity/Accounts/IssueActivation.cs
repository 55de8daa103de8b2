using Idoven.Users.Contracts;

namespace Idoven.Identity.Accounts;

/// <summary>A new activation token replaces the old one. It may arrive before its account does, and waits for it.</summary>
internal sealed class IssueActivationHandler(IAccountChanges accounts)
{
    public async Task Handle(ActivationIssued issued, CancellationToken ct)
    {
        if (await accounts.Lock(issued.UserId, ct))
        {
            await accounts.IssueActivation(
                new NewActivation(issued.UserId, issued.Version, issued.ActivationTokenHash, issued.ActivationExpiresAt), ct);
        }

        await accounts.Save(ct);
    }
}
