using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.Mail;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;

namespace Idoven.Identity.TwoFactor;

/// <summary>
/// Turns the second factor of the caller's own account on and off and issues recovery codes. Each change requires the password, because the
/// access token may be stolen.
/// </summary>
internal sealed class ChangeSecondFactorHandler(
    PasswordCheck passwords, IAccounts accounts, IAccountChanges changes, ISecondFactors factors, TwoFactorEnrolment enrolment,
    INotices notices, IIdentityAuditLog auditLog)
{
    /// <summary>Creates the secret that the user sets up in the app, in place of an earlier one that was not confirmed.</summary>
    /// <exception cref="SecondFactorException">The password is wrong, or the second factor is already on.</exception>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    public async Task<SecondFactorSecret> StartEnrolment(Guid accountId, string password, CancellationToken ct)
    {
        var (holder, transaction) = await VerifyAndLock(AuditActions.BeginSecondFactor, accountId, password, ct);
        var secret = await factors.StartEnrolment(accountId, replace: true, transaction, ct)
            ?? throw new SecondFactorException(SecondFactorRejection.AlreadyOn);
        auditLog.Add(new AuditEntry(AuditActions.BeginSecondFactor, $"{accountId}"));
        await changes.Save(ct);
        return new SecondFactorSecret(holder.Username, secret);
    }

    /// <summary>Turns the second factor on with the first code of the app.</summary>
    /// <returns>The recovery codes in clear text, which cannot be read again.</returns>
    /// <exception cref="SecondFactorException">The code is wrong, or no enrolment was started.</exception>
    public async Task<IReadOnlyList<string>> Confirm(Guid accountId, string code, CancellationToken ct)
    {
        if (await changes.Lock(accountId, ct) is not { } transaction
            || await enrolment.Confirm(accountId, code, transaction, ct) is not { } codes)
        {
            throw await RecordWrongCode(AuditActions.TurnSecondFactorOn, accountId, ct);
        }

        await changes.Save(ct);
        return codes;
    }

    /// <summary>Issues ten new recovery codes, which replace the old ones.</summary>
    /// <param name="code">The code of the second factor, if it is on.</param>
    /// <exception cref="SecondFactorException">The password or the code is wrong.</exception>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    public async Task<IReadOnlyList<string>> ReplaceRecoveryCodes(Guid accountId, string password, string? code, CancellationToken ct)
    {
        var (holder, transaction) = await VerifyAndLock(AuditActions.ReplaceRecoveryCodes, accountId, password, ct);
        await RequireCode(AuditActions.ReplaceRecoveryCodes, holder, code, transaction, ct);
        var codes = await factors.IssueRecoveryCodes(accountId, transaction, ct);
        await notices.Add(accountId, Notice.RecoveryCodesReplaced, transaction, ct);
        auditLog.Add(new AuditEntry(AuditActions.ReplaceRecoveryCodes, $"{accountId}"));
        await changes.Save(ct);
        return codes;
    }

    /// <summary>Turns the second factor off. Recovery codes stay valid.</summary>
    /// <exception cref="SecondFactorException">The password or the code is wrong, or the second factor is off.</exception>
    /// <exception cref="TooManySignInsException">Too many passwords are waiting to be hashed.</exception>
    public async Task TurnOff(Guid accountId, string password, string code, CancellationToken ct)
    {
        var (holder, transaction) = await VerifyAndLock(AuditActions.TurnSecondFactorOff, accountId, password, ct);
        if (!holder.HasSecondFactor)
        {
            throw new SecondFactorException(SecondFactorRejection.AlreadyOff);
        }

        await RequireCode(AuditActions.TurnSecondFactorOff, holder, code, transaction, ct);
        await factors.Remove(accountId, transaction, ct);
        await notices.Add(accountId, Notice.SecondFactorOff, transaction, ct);
        auditLog.Add(new AuditEntry(AuditActions.TurnSecondFactorOff, $"{accountId}"));
        await changes.Save(ct);
    }

    /// <summary>
    /// Turns the second factor off for a user who has lost the app and the recovery codes. Only the operator of the host can do this.
    /// </summary>
    /// <returns>False if it was off.</returns>
    public async Task<bool> TurnOffOnHost(Guid accountId, CancellationToken ct)
    {
        var wasOn = false;
        if (await changes.Lock(accountId, ct) is { } transaction && await factors.Remove(accountId, transaction, ct))
        {
            wasOn = true;
            await notices.Add(accountId, Notice.SecondFactorOff, transaction, ct);
            auditLog.Add(new AuditEntry(AuditActions.TurnSecondFactorOff, $"{accountId}"));
        }

        await changes.Save(ct);
        return wasOn;
    }

    /// <summary>Verifies the password and locks the account.</summary>
    private async Task<(AccountHolder Holder, OpenTransaction Transaction)> VerifyAndLock(
        string action, Guid accountId, string password, CancellationToken ct)
    {
        if (await passwords.Verify(accountId, password, ct) is null
            || await changes.Lock(accountId, ct) is not { } transaction
            || await accounts.Find(accountId, ct) is not { } holder)
        {
            await auditLog.Record(AuditEntry.Refused(action, Reasons.Credentials, $"{accountId}"));
            throw new SecondFactorException(SecondFactorRejection.WrongPassword);
        }

        return (holder, transaction);
    }

    private async Task RequireCode(
        string action, AccountHolder holder, string? code, OpenTransaction transaction, CancellationToken ct)
    {
        if (holder.HasSecondFactor && !await factors.VerifyCode(holder.Id, code ?? "", transaction, ct))
        {
            throw await RecordWrongCode(action, holder.Id, ct);
        }
    }

    /// <summary>Records the wrong code in the audit log, and commits its count.</summary>
    private async Task<SecondFactorException> RecordWrongCode(string action, Guid accountId, CancellationToken ct)
    {
        auditLog.Add(AuditEntry.Refused(action, Reasons.SecondFactor, $"{accountId}"));
        await changes.Save(ct);
        return new SecondFactorException(SecondFactorRejection.WrongCode);
    }
}

internal enum SecondFactorRejection
{
    WrongPassword,
    WrongCode,
    AlreadyOn,
    AlreadyOff,
}

internal sealed class SecondFactorException(SecondFactorRejection rejection) : Exception
{
    public SecondFactorRejection Rejection { get; } = rejection;
}
