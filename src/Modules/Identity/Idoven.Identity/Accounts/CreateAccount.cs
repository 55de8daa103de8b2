using Idoven.Identity.OneTimeTokens;
using Idoven.Users.Contracts;

namespace Idoven.Identity.Accounts;

/// <summary>
/// Creates the account of a registered user; it has no password until its holder activates it. If an account that is about to be deleted
/// still has the name, the unique index rejects the row and the message is retried.
/// </summary>
internal sealed class CreateAccountHandler(IAccountChanges accounts, IOneTimeTokens tokens)
{
    public async Task Handle(UserRegistered user, CancellationToken ct)
    {
        if (await accounts.Lock(user.UserId, ct) is { } transaction)
        {
            await accounts.Create(new NewAccount(user.UserId, user.Version, user.Username, user.Email, user.Role), transaction, ct);
            if (user is { ActivationTokenHash: { } hash, ActivationExpiresAt: { } end })
            {
                await tokens.StoreActivation(new NewActivation(user.UserId, user.Version, hash, end), transaction, ct);
            }
        }

        await accounts.Save(ct);
    }
}
