using Idoven.Users.Contracts;

namespace Idoven.Identity.Accounts;

/// <summary>
/// A registered user gets an account; it has no password until its holder activates it. A name that still belongs to an account which
/// is about to be deleted breaks the unique index, and the message is tried again.
/// </summary>
internal sealed class CreateAccountHandler(IAccountChanges accounts)
{
    public async Task Handle(UserRegistered user, CancellationToken ct)
    {
        if (await accounts.Lock(user.UserId, ct))
        {
            await accounts.Create(new NewAccount(user.UserId, user.Version, user.Username, user.Email, user.Role), ct);
            if (user is { ActivationTokenHash: { } hash, ActivationExpiresAt: { } end })
            {
                await accounts.IssueActivation(new NewActivation(user.UserId, user.Version, hash, end), ct);
            }
        }

        await accounts.Save(ct);
    }
}
