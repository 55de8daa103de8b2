namespace Idoven.Identity.Application;

/// <summary>What is asked of a person after the right password.</summary>
internal interface ISecondSteps
{
    Task<PendingStep> Begin(Guid accountId, TokenUse use, CancellationToken ct);

    /// <summary>The code of a second factor at once; a wrong one is counted.</summary>
    Task<bool> Pass(Guid accountId, string code, CancellationToken ct);
}

/// <param name="Token">Good for a few minutes and a handful of codes.</param>
internal sealed record PendingStep(string Token, TokenUse Use);

internal sealed class SecondSteps(IOneTimeTokens tokens, ISecondFactors factors, IAccountChanges changes) : ISecondSteps
{
    public async Task<PendingStep> Begin(Guid accountId, TokenUse use, CancellationToken ct) => new(await tokens.Issue(accountId, use, email: null, ct), use);

    public async Task<bool> Pass(Guid accountId, string code, CancellationToken ct)
    {
        var isRight = await changes.Lock(accountId, ct) && await factors.Use(accountId, code, ct);
        await changes.Save(ct);
        return isRight;
    }
}
