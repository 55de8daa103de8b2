using Idoven.Identity.Common;
using Idoven.Identity.Accounts;
using Idoven.Identity.Mail;
using Idoven.Identity.SignIn;
using Idoven.Shared.Audit;
using Microsoft.Extensions.DependencyInjection;

namespace Idoven.Identity.TwoFactor;

/// <summary>The holder sets a second factor up, takes it off, and gets recovery codes: each with the password, whoever holds the token.</summary>
internal sealed class ChangeSecondFactorHandler(
    PasswordCheck passwords, IAccounts accounts, IAccountChanges changes, ISecondFactors factors, TwoFactorEnrolment enrolment,
    INotices notices, IIdentityAuditLog trail)
{
    /// <returns>What the app is to be told.</returns>
    /// <exception cref="SecondFactorException">The password is wrong, or a second factor is on.</exception>
    /// <exception cref="TooManySignInsException">Too many hashes are being computed.</exception>
    public async Task<SecondFactorOffer> StartEnrolment(Guid accountId, string password, CancellationToken ct)
    {
        var holder = await Verify(AuditActions.BeginSecondFactor, accountId, password, ct);
        var secret = await factors.StartEnrolment(accountId, anew: true, ct) ?? throw new SecondFactorException(SecondFactorRejection.On);
        trail.Add(new AuditEntry(AuditActions.BeginSecondFactor, $"{accountId}"));
        await changes.Save(ct);
        return new SecondFactorOffer(holder.Username, secret);
    }

    /// <summary>With the first code of the app it is on.</summary>
    /// <returns>The recovery codes, in clear, this once.</returns>
    /// <exception cref="SecondFactorException">The code is wrong, or nothing was begun.</exception>
    public async Task<IReadOnlyList<string>> Confirm(Guid accountId, string code, CancellationToken ct)
    {
        if (!await changes.Lock(accountId, ct) || await enrolment.Confirm(accountId, code, ct) is not { } codes)
        {
            throw await WrongCode(AuditActions.TurnSecondFactorOn, accountId, ct);
        }

        await changes.Save(ct);
        return codes;
    }

    /// <summary>Ten new codes; those before end.</summary>
    /// <param name="code">Of the second factor, where one is on.</param>
    /// <exception cref="SecondFactorException">The password or the code is wrong.</exception>
    /// <exception cref="TooManySignInsException">Too many hashes are being computed.</exception>
    public async Task<IReadOnlyList<string>> ReplaceRecoveryCodes(Guid accountId, string password, string? code, CancellationToken ct)
    {
        var holder = await Verify(AuditActions.ReplaceRecoveryCodes, accountId, password, ct);
        await RequireCode(AuditActions.ReplaceRecoveryCodes, holder, code, ct);
        var codes = await factors.IssueRecoveryCodes(accountId, ct);
        await notices.Add(accountId, Notice.RecoveryCodesReplaced, ct);
        trail.Add(new AuditEntry(AuditActions.ReplaceRecoveryCodes, $"{accountId}"));
        await changes.Save(ct);
        return codes;
    }

    /// <exception cref="SecondFactorException">The password or the code is wrong, or none is on.</exception>
    /// <exception cref="TooManySignInsException">Too many hashes are being computed.</exception>
    public async Task TurnOff(Guid accountId, string password, string code, CancellationToken ct)
    {
        var holder = await Verify(AuditActions.TurnSecondFactorOff, accountId, password, ct);
        if (!holder.HasSecondFactor)
        {
            throw new SecondFactorException(SecondFactorRejection.Off);
        }

        await RequireCode(AuditActions.TurnSecondFactorOff, holder, code, ct);
        await factors.Remove(accountId, ct);
        await notices.Add(accountId, Notice.SecondFactorOff, ct);
        trail.Add(new AuditEntry(AuditActions.TurnSecondFactorOff, $"{accountId}"));
        await changes.Save(ct);
    }

    /// <summary>For whoever runs the host: the holder has lost the app and the codes.</summary>
    /// <returns>False where none was on.</returns>
    public async Task<bool> TurnOffOnHost(Guid accountId, CancellationToken ct)
    {
        var wasOn = await changes.Lock(accountId, ct) && await factors.Remove(accountId, ct);
        if (wasOn)
        {
            await notices.Add(accountId, Notice.SecondFactorOff, ct);
            trail.Add(new AuditEntry(AuditActions.TurnSecondFactorOff, $"{accountId}"));
        }

        await changes.Save(ct);
        return wasOn;
    }

    /// <summary>The account, locked.</summary>
    private async Task<AccountHolder> Verify(string act, Guid accountId, string password, CancellationToken ct)
    {
        if (await passwords.Verify(accountId, password, ct) is null
            || !await changes.Lock(accountId, ct)
            || await accounts.Find(accountId, ct) is not { } holder)
        {
            await trail.Record(AuditEntry.Refused(act, Reasons.Credentials, $"{accountId}"));
            throw new SecondFactorException(SecondFactorRejection.WrongPassword);
        }

        return holder;
    }

    private async Task RequireCode(string act, AccountHolder holder, string? code, CancellationToken ct)
    {
        if (holder.HasSecondFactor && !await factors.VerifyCode(holder.Id, code ?? "", ct))
        {
            throw await WrongCode(act, holder.Id, ct);
        }
    }

    /// <summary>It is counted, and on record.</summary>
    private async Task<SecondFactorException> WrongCode(string act, Guid accountId, CancellationToken ct)
    {
        trail.Add(AuditEntry.Refused(act, Reasons.SecondFactor, $"{accountId}"));
        await changes.Save(ct);
        return new SecondFactorException(SecondFactorRejection.WrongCode);
    }
}

internal enum SecondFactorRejection
{
    WrongPassword,
    WrongCode,
    On,
    Off,
}

internal sealed class SecondFactorException(SecondFactorRejection refusal) : Exception
{
    public SecondFactorRejection Refusal { get; } = refusal;
}
