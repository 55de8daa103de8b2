using Idoven.Identity.Accounts;
using Idoven.Identity.Common;
using Idoven.Identity.Mail;
using Idoven.Shared.Audit;
using Idoven.Shared.Data;

namespace Idoven.Identity.TwoFactor;

/// <summary>Turns a second factor on: from the account's own endpoints, and during a sign-in that requires one.</summary>
internal sealed class TwoFactorEnrolment(ISecondFactors factors, INotices notices, IIdentityAuditLog auditLog)
{
    /// <summary>
    /// Confirms the enrolment with the first code of the app and issues recovery codes. The caller commits the transaction also if the code
    /// is wrong, because wrong codes are counted.
    /// </summary>
    /// <returns>
    /// The recovery codes in clear text, which cannot be read again; null if the code is wrong or no enrolment was started.
    /// </returns>
    public async Task<IReadOnlyList<string>?> Confirm(Guid accountId, string code, OpenTransaction transaction, CancellationToken ct)
    {
        if (!await factors.Confirm(accountId, code, transaction, ct))
        {
            return null;
        }

        var recoveryCodes = await factors.IssueRecoveryCodes(accountId, transaction, ct);
        await notices.Add(accountId, Notice.SecondFactorOn, transaction, ct);
        auditLog.Add(new AuditEntry(AuditActions.TurnSecondFactorOn, $"{accountId}") { Subject = $"{accountId}" });
        return recoveryCodes;
    }
}
