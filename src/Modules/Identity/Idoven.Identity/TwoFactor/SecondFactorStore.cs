using Idoven.Identity.Infrastructure;
using Idoven.Identity.Keys;
using Idoven.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace Idoven.Identity.TwoFactor;

internal sealed class SecondFactorStore(IdentityDbContext db, MasterKey master, TimeProvider clock) : ISecondFactors
{
    public async Task<SecondFactorState> Find(Guid accountId, CancellationToken ct) => new(
        await db.SecondFactors.Where(factor => factor.AccountId == accountId).Select(factor => factor.ConfirmedAt).SingleOrDefaultAsync(ct),
        await db.RecoveryCodes.CountAsync(code => code.AccountId == accountId, ct));

    public async Task<byte[]?> StartEnrolment(Guid accountId, bool replace, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var factor = await Load(accountId, ct);
        if (factor?.ConfirmedAt is not null)
        {
            return null;
        }

        if (factor is not null && !replace)
        {
            return Open(factor);
        }

        var secret = Totp.GenerateSecret();
        if (factor is null)
        {
            factor = new SecondFactor { AccountId = accountId, Sealed = [] };
            db.Add(factor);
        }

        factor.Sealed = master.Seal(secret, Purpose(accountId));
        return secret;
    }

    public async Task<bool> Confirm(Guid accountId, string code, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        return await Load(accountId, ct) is { ConfirmedAt: null } factor && factor.VerifyCode(Open(factor), code.Trim(), clock.GetUtcNow());
    }

    public async Task<bool> VerifyCode(Guid accountId, string code, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        if (await Load(accountId, ct) is not { ConfirmedAt: not null } factor)
        {
            return false;
        }

        return code.Trim().Length == Totp.Digits
            ? factor.VerifyCode(Open(factor), code.Trim(), clock.GetUtcNow())
            : await UseRecoveryCode(accountId, code, ct);
    }

    public async Task<bool> UseForRecovery(Guid accountId, string code, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        var isValid = await UseRecoveryCode(accountId, code, ct);
        if (isValid)
        {
            await DeleteRecoveryCodes(accountId, ct);
        }

        return isValid;
    }

    public async Task<IReadOnlyList<string>> IssueRecoveryCodes(Guid accountId, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        await DeleteRecoveryCodes(accountId, ct);
        string[] codes = [.. Enumerable.Range(0, RecoveryCode.Count).Select(_ => RecoveryCode.Generate())];
        db.AddRange(codes.Select(code => new RecoveryCodeRow(accountId, RecoveryCode.Hash(code))));
        return codes;
    }

    public async Task<bool> Remove(Guid accountId, OpenTransaction transaction, CancellationToken ct)
    {
        transaction.ThrowIfEnded();
        if (await Load(accountId, ct) is not { } factor)
        {
            return false;
        }

        db.Remove(factor);
        return true;
    }

    private async Task<bool> UseRecoveryCode(Guid accountId, string code, CancellationToken ct)
    {
        var hash = RecoveryCode.Hash(code);
        return await db.RecoveryCodes.Where(row => row.AccountId == accountId && row.Hash == hash).ExecuteDeleteAsync(ct) == 1;
    }

    private Task<int> DeleteRecoveryCodes(Guid accountId, CancellationToken ct) =>
        db.RecoveryCodes.Where(row => row.AccountId == accountId).ExecuteDeleteAsync(ct);

    private Task<SecondFactor?> Load(Guid accountId, CancellationToken ct) =>
        db.SecondFactors.SingleOrDefaultAsync(factor => factor.AccountId == accountId, ct);

    private byte[] Open(SecondFactor factor) => master.Open(factor.Sealed, Purpose(factor.AccountId));

    private static string Purpose(Guid accountId) => $"idoven second factor {accountId:N}";
}
