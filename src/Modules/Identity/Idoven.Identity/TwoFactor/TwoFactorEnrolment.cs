using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.Mail;
using Idoven.Shared.Audit;

namespace Idoven.Identity.TwoFactor;

/// <summary>Turns a second factor on: from the account's own endpoints, and during a sign-in that requires one.</summary>
internal sealed class TwoFactorEnrolment(ISecondFactors factors, INotices notices, IIdentityAuditLog auditLog)
{
    /// <summary>
    /// Confirms the enrolment with the first code of the app and issues recovery codes, in the transaction of <see
    /// cref="IAccountChanges"/>. The caller commits it also if the code is wrong, because wrong codes are counted.
    /// </summary>
    /// <returns>
    /// The recovery codes in clear text, which cannot be read again; null if the code is wrong or no enrolment was started.
    /// </returns>
    public async Task<IReadOnlyList<string>?> Confirm(Guid accountId, string code, CancellationToken ct)
    {
        if (!await factors.Confirm(accountId, code, ct))
        {
            return null;
        }

        var recoveryCodes = await factors.IssueRecoveryCodes(accountId, ct);
        await notices.Add(accountId, Notice.SecondFactorOn, ct);
        auditLog.Add(new AuditEntry(AuditActions.TurnSecondFactorOn, $"{accountId}") { Subject = $"{accountId}" });
        return recoveryCodes;
    }
}
