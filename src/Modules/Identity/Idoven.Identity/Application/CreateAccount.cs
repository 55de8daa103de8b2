using Idoven.Users.Contracts;

namespace Idoven.Identity.Application;

/// <summary>A registered user gets an account; it has no password until its holder activates it.</summary>
internal sealed class CreateAccountHandler(IAccounts accounts)
{
    public Task Handle(UserRegistered user, CancellationToken ct) =>
        accounts.Create(new NewAccount(user.UserId, user.Version, user.Username, user.Email, user.Role), ct);
}
