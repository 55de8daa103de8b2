using Idoven.Identity.Accounts;
using Idoven.Identity.OneTimeTokens;

namespace Idoven.Identity.TwoFactor;

/// <summary>What is asked of a person after the right password.</summary>
internal interface ITwoFactorChallenges
{
    Task<PendingTwoFactor> Start(Guid accountId, TokenUse use, CancellationToken ct);

    /// <summary>The code of a second factor at once; a wrong one is counted.</summary>
    Task<bool> VerifyCode(Guid accountId, string code, CancellationToken ct);
}

/// <param name="Token">Good for a few minutes and a handful of codes.</param>
internal sealed record PendingTwoFactor(string Token, TokenUse Use);

internal sealed class TwoFactorChallenges(IOneTimeTokens tokens, ISecondFactors factors, IAccountChanges changes) : ITwoFactorChallenges
{
    public async Task<PendingTwoFactor> Start(Guid accountId, TokenUse use, CancellationToken ct) => new(await tokens.Issue(accountId, use, email: null, ct), use);

    public async Task<bool> VerifyCode(Guid accountId, string code, CancellationToken ct)
    {
        var isRight = await changes.Lock(accountId, ct) && await factors.VerifyCode(accountId, code, ct);
        await changes.Save(ct);
        return isRight;
    }
}
