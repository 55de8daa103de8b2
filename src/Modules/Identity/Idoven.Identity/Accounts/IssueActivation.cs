using Idoven.Identity.OneTimeTokens;
using Idoven.Users.Contracts;

namespace Idoven.Identity.Accounts;

/// <summary>
/// Stores a new activation token in place of the old one. Its message may arrive before the one that creates the account.
/// </summary>
internal sealed class IssueActivationHandler(IAccountChanges accounts, IOneTimeTokens tokens)
{
    public async Task Handle(ActivationIssued issued, CancellationToken ct)
    {
        if (await accounts.Lock(issued.UserId, ct) is { } transaction)
        {
            await tokens.StoreActivation(
                new NewActivation(issued.UserId, issued.Version, issued.ActivationTokenHash, issued.ActivationExpiresAt), transaction, ct);
        }

        await accounts.Save(ct);
    }
}
